import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EffectLog, type Effect } from '../../../local/acr-emulator/effects.ts';

function anEffect(id: string): Effect {
  return { id, time: '2026-11-01T00:00:00.000Z', identity: 'build', registry: 'onestreamdev', effect: 'tag-put' };
}

describe('the log of effects', () => {
  let dir: string;
  let path: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'effects-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('holds what was appended when it is opened again', () => {
    path = join(dir, 'again.jsonl');
    new EffectLog(path).append([anEffect('a'), anEffect('b')]);
    assert.deepEqual(
      new EffectLog(path).entries().map(({ id }) => id),
      ['a', 'b'],
    );
  });

  test('takes an effect once, also when a restart offers it again', () => {
    path = join(dir, 'once.jsonl');
    new EffectLog(path).append([anEffect('a')]);
    const log = new EffectLog(path);
    log.append([anEffect('a'), anEffect('b')]);
    log.append([anEffect('b')]);
    assert.deepEqual(
      log.entries().map(({ id }) => id),
      ['a', 'b'],
    );
    assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 2);
  });

  test('drops a line that a crash cut short, and goes on after it', () => {
    path = join(dir, 'torn.jsonl');
    new EffectLog(path).append([anEffect('a')]);
    appendFileSync(path, '{"id":"half","ti');
    new EffectLog(path).append([anEffect('b')]);
    assert.deepEqual(
      new EffectLog(path).entries().map(({ id }) => id),
      ['a', 'b'],
    );
  });
});
