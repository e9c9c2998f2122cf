/** Where programs lie that are no npm packages. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Where PATH would have it, first come first; whether it is there, nobody has looked. */
export function onPath({ PATH = '' }: Variables, program: string): readonly string[] {
  return PATH.split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, program)]));
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The program "notation": what the variable NOTATION names, or nothing else; without it, what PATH has. */
export function notationIn(variables: Variables): string | undefined {
  const named = variables['NOTATION'] ?? '';
  return (named === '' ? onPath(variables, 'notation') : [named]).find(isProgram);
}
