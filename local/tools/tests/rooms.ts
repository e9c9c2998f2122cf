/**
 * Unit tests of one room in one process: they load the same modules, and loading costs more than testing. Each file is a suite of its
 * own there, so that its hooks are for its own tests only.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A suite that fails is no failed test in the runner's sums: what cannot be loaded is one. */
const LOAD = `import { suite, test } from 'node:test';
async function load(address) {
  try {
    await import(address);
  } catch (error) {
    test('can be loaded', () => { throw error; });
  }
}`;

/** Files by room: `test/unit/<room>/…`, in the order given. */
export function byRoom(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => file.split(sep)[2] ?? '');
}

/** Writes one file for each room into `folder`, which loads that room's tests; returns their paths, most tests first. */
export function writeRooms(checkout: string, files: readonly string[], folder: string): string[] {
  const rooms = [...byRoom(files)].toSorted(([, one], [, other]) => other.length - one.length);
  return rooms.map(([room, members]) => {
    const path = join(folder, `${room}.mjs`);
    mkdirSync(dirname(path), { recursive: true });
    const suites = members.map((file) => {
      const address = pathToFileURL(join(checkout, file)).href;
      return `suite(${JSON.stringify(file)}, () => load(${JSON.stringify(address)}));`;
    });
    writeFileSync(path, [LOAD, ...suites, ''].join('\n'));
    return path;
  });
}
