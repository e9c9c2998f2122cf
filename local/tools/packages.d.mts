export function ownPackages(root?: string): string[];
export function installOwnPackages(say: (line: string) => void, root?: string): Promise<void>;
