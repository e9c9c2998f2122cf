/** Where Temporal's time-skipping test server lies: named by the user, on PATH, or where "npm run setup" puts it. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isProgram, onPath, type Variables } from './program-path.ts';

const PROGRAM = 'temporal-test-server';
export const TEST_SERVER_VARIABLE = 'SLUICE_TEMPORAL_TEST_SERVER';

/** Absolute path of the program; undefined: there is none. What the user names is believed, or nothing else is. */
export function testServerIn(variables: Variables): string | undefined {
  const named = variables[TEST_SERVER_VARIABLE] ?? '';
  const candidates = named === '' ? [...onPath(variables, PROGRAM), ...inCache(variables)] : [named];
  return candidates.find(isProgram);
}

/** As `local/tools/place.mjs` has it: `<cache>/<tool>/<version>-<platform>-<arch>/bin/<tool>`; the newest first. */
function inCache(variables: Variables): readonly string[] {
  const folder = join(cacheRoot(variables), PROGRAM);
  const ending = `-${process.platform}-${process.arch}`;
  return namesIn(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(folder, name, 'bin', PROGRAM));
}

function cacheRoot({ SLUICE_TOOLS = '', XDG_CACHE_HOME = '', HOME = homedir() }: Variables): string {
  if (SLUICE_TOOLS !== '') return SLUICE_TOOLS;
  if (XDG_CACHE_HOME !== '') return join(XDG_CACHE_HOME, 'sluice', 'tools');
  return join(HOME, ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'sluice', 'tools');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
