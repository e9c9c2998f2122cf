export type Environment = Readonly<Record<string, string | undefined>>;
export const checkout: string;
export const pins: Readonly<Record<string, { readonly version: string }>>;
export function cacheRoot(env?: Environment): string;
export function variableOf(tool: string): string;
export function folderOf(tool: string, env?: Environment): string;
export function toolPath(tool: string, env?: Environment): string | undefined;
export function onPath(program: string, env?: Environment): string | undefined;
export function controlPlaneKey(folder?: string): string;
