import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { writeRooms } from '../../../local/tools/tests/rooms.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-rooms-'));

function write(file: string, body: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `import { afterEach, describe, test } from 'node:test';\n${body}`);
  return file;
}

/** What the runner says about one file, as TAP. */
function report(path: string): Promise<string> {
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  return new Promise((resolve) => {
    execFile(process.execPath, ['--test', '--test-reporter=tap', path], { env }, (_, stdout) => resolve(stdout));
  });
}

describe('when the tests of a room share a process', () => {
  test('every file is there once, fuller rooms come first', () => {
    const files = ['test/unit/a/one.test.ts', 'test/unit/b/one.test.ts', 'test/unit/b/deep/two.test.ts'];
    const rooms = writeRooms('/checkout', files, join(folder, 'rooms'));
    assert.deepEqual(
      rooms.map((path) => basename(path)),
      ['b.mjs', 'a.mjs'],
    );
  });

  test('hooks of a file see the tests of that file only', async () => {
    const first = write('test/unit/c/first.test.mjs', `afterEach(() => console.log('hook')); test('one', () => {});`);
    const second = write('test/unit/c/second.test.mjs', `describe('all', () => { test('two', () => {}); });`);
    const output = await report(writeRooms(folder, [first, second], join(folder, 'rooms'))[0] ?? '');
    assert.equal(output.match(/# hook/g)?.length, 1);
    assert.match(output, /# pass 2/);
  });

  test('a file that cannot be loaded fails, and the others are run', async () => {
    const broken = write('test/unit/d/broken.test.mjs', `import './missing.mjs'; test('never', () => {});`);
    const whole = write('test/unit/d/whole.test.mjs', `test('works', () => {});`);
    const output = await report(writeRooms(folder, [broken, whole], join(folder, 'rooms'))[0] ?? '');
    assert.match(output, /not ok \d+ - can be loaded/);
    assert.match(output, /missing\.mjs/);
    assert.match(output, /ok \d+ - works/);
    assert.match(output, /# fail 1/);
  });
});
