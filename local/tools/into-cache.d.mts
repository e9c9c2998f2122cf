type Say = (line: string) => void;
export function intoCache(
  target: string,
  isThere: () => boolean,
  make: (folder: string) => Promise<unknown>,
  say?: Say,
): Promise<boolean>;
export function withLock<T>(file: string, say: Say | undefined, act: () => Promise<T>): Promise<T>;
