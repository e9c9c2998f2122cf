/** get-tool.sh with pins of a test: what is not the pinned bytes is never run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SCRIPTS } from './templates.ts';

const PROGRAM = '#!/bin/sh\necho works\n';
const linux = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

describe('a tool that a pipeline gets', { skip: !linux && 'pins are for Linux' }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-tools-'));
  after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'program'), PROGRAM);

  function get(tool: string, sha256: string, folder: string) {
    const pins = join(dir, `${folder}.pins`);
    writeFileSync(pins, `tool 1.0.0 linux-${process.arch} ${sha256} file://${join(dir, 'program')}\n`);
    const env = { PATH: process.env['PATH'] ?? '', SLUICE_TOOL_PINS: pins };
    return spawnSync(join(SCRIPTS, 'get-tool.sh'), [tool, join(dir, folder)], { env, encoding: 'utf8' });
  }

  test('is what was pinned, and runs', () => {
    const { status, stdout, stderr } = get('tool', createHash('sha256').update(PROGRAM).digest('hex'), 'good');
    assert.equal(status, 0, stderr);
    assert.equal(spawnSync(stdout.trim(), { encoding: 'utf8' }).stdout, 'works\n');
  });

  test('is refused with another hash, which is said, and leaves nothing to run', () => {
    const { status, stderr } = get('tool', '0'.repeat(64), 'bad');
    assert.equal(status, 3);
    assert.match(stderr, /has SHA-256 [0-9a-f]{64}, expected 0{64}; it was not run/);
    assert.ok(!existsSync(join(dir, 'bad', `tool-1.0.0-linux-${process.arch}`, 'tool')));
  });

  test('is one that has a pin', () => {
    const { status, stderr } = get('other', '0'.repeat(64), 'none');
    assert.deepEqual([status, /no "other"/.test(stderr)], [2, true]);
  });
});
