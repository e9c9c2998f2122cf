import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { folderOf } from '../../../local/tools/place.mjs';
import { testServerIn } from '../../../src/config/test-server.ts';

const PROGRAM = 'temporal-test-server';

describe('when the test server is looked for', () => {
  let folder = '';
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-test-server-'))));
  after(() => rmSync(folder, { recursive: true }));

  function program(path: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    return path;
  }

  test('set-up puts it where it is found', () => {
    const variables = { SLUICE_TOOLS: join(folder, 'tools') };
    assert.equal(testServerIn(variables), undefined);
    const path = program(join(folderOf(PROGRAM, variables), 'bin', PROGRAM));
    assert.equal(testServerIn(variables), path);
    assert.equal(testServerIn({ XDG_CACHE_HOME: folder }), undefined);
  });

  test('the newest in the cache counts, and one for another machine does not', () => {
    const variables = { SLUICE_TOOLS: join(folder, 'versions') };
    const at = (version: string) =>
      join(variables.SLUICE_TOOLS, PROGRAM, `${version}-${process.platform}-${process.arch}`, 'bin', PROGRAM);
    program(at('1.9.0'));
    const newest = program(at('1.40.0'));
    program(join(variables.SLUICE_TOOLS, PROGRAM, '2.0.0-plan9-mips', 'bin', PROGRAM));
    assert.equal(testServerIn(variables), newest);
  });

  test('one on PATH comes before the cache, and one that is named before both', () => {
    const onPath = program(join(folder, 'bin', PROGRAM));
    const named = program(join(folder, 'mine'));
    assert.equal(testServerIn({ PATH: `/nowhere:${dirname(onPath)}`, SLUICE_TOOLS: folder }), onPath);
    assert.equal(testServerIn({ PATH: dirname(onPath), SLUICE_TEMPORAL_TEST_SERVER: named }), named);
  });

  test('a name that leads nowhere is not replaced by another program', () => {
    const onPath = program(join(folder, 'bin', PROGRAM));
    const nowhere = join(folder, 'nowhere');
    assert.equal(testServerIn({ PATH: dirname(onPath), SLUICE_TEMPORAL_TEST_SERVER: nowhere }), undefined);
    assert.equal(testServerIn({ PATH: dirname(onPath), SLUICE_TEMPORAL_TEST_SERVER: folder }), undefined);
  });
});
