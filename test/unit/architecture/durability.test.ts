import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { GUARDS, REHEARSED, STEPS, TURNS, WORDS } from '../../e2e/durability/demanded.ts';
import { contractMessages } from './contract-messages.ts';
import { ROOT } from './import-walk.ts';

const DEMANDED = new Set([...WORDS, ...TURNS, ...GUARDS, ...REHEARSED]);

/** What shows that a worker died in a workflow of that kind. */
const SHOWN_BY: Readonly<Record<string, string>> = {
  release: 'release: starts promotion',
  promotion: 'promotion: begins approve',
  rollback: 'rollback: starts promotion',
  environment: 'environment: begins a new run',
  guardian: 'guardian: starts rollback',
  rehearsal: 'rehearsal: starts rollback',
  notification: 'before notify',
};

/** It does one thing, which `kill.test.ts` kills on both sides; a forecast and an observation have no effects. */
const ELSEWHERE = { evidence: 'keepEvidence' } as const;
const WITHOUT_EFFECTS = ['forecast', 'observation'];
/** It writes three things that the environment remembers, and is interrupted after each of them by a test of its own. */
const BY_ITSELF = { adoption: 'test/integration/workflows/adoption.test.ts' } as const;

/** Said only to those who do not answer the update of the same name, which does the same: whether it is depends on who dies when. */
const IN_PLACE_OF_UPDATES = ['promotion: hears restraints'];

describe('when workers are killed', () => {
  test('it is at every update, before and after it, and at every signal', () => {
    const missed = contractMessages().flatMap(({ workflow, kind, name }) => {
      const at = { query: [], signal: ['hears'], update: ['begins', 'answers'] }[kind];
      return at.map((where) => `${workflow}: ${where} ${name}`).filter((one) => !DEMANDED.has(one));
    });
    assert.deepEqual(missed, IN_PLACE_OF_UPDATES);
  });

  test('it is in every workflow that has effects', () => {
    const bundle = readFileSync(join(ROOT, 'workflows/index.ts'), 'utf8');
    const names = [...bundle.matchAll(/export \{ (\w+) \}/g)].map(([, name = '']) => name);
    assert.deepEqual(
      names.toSorted(),
      [...Object.keys(SHOWN_BY), ...Object.keys(ELSEWHERE), ...Object.keys(BY_ITSELF), ...WITHOUT_EFFECTS].toSorted(),
    );
    for (const boundary of Object.values(SHOWN_BY)) assert.ok(DEMANDED.has(boundary), boundary);
    for (const file of Object.values(BY_ITSELF))
      assert.match(readFileSync(join(ROOT, file), 'utf8'), /interrupted after each/);
    for (const step of Object.values(ELSEWHERE)) assert.ok(STEPS.includes(step), step);
  });
});
