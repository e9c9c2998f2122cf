export function installDependencies(say: (line: string) => void, folder?: string): Promise<string>;
export function isInstalled(folder: string): boolean;
