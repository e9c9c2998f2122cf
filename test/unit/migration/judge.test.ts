/** Gates are judged by facts: each at its limit, and with what must not count. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Compared, Facts, Place } from '../../../src/migration/facts.ts';
import type { Gate } from '../../../src/migration/gate.ts';
import { judgeService, judgeWave, type Verdict } from '../../../src/migration/judge.ts';
import type { MigratingService } from '../../../src/migration/migration.ts';
import type { State, Target } from '../../../src/migration/states.ts';
import { aPlace, DAY, facts, GOOD, NOW, readIt, serviceIn } from './support.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const ENTERED = NOW - 10 * DAY;

function inState(state: State, to: Target, gates: readonly Gate[], more: Partial<MigratingService> = {}) {
  const service = serviceIn(GOOD);
  const history = [{ at: iso(ENTERED), by: 'dana', from: 'legacy', to: state } as const];
  return { ...service, state, history, gates: { ...service.gates, [to]: gates }, ...more };
}

function judge(gate: Gate, known: Partial<Facts>, more: Partial<MigratingService> = {}): readonly Verdict[] {
  const service = inState('comparing', 'adopted', [gate], more);
  return judgeService({ migration: readIt().migration, service, to: 'adopted', facts: facts(known) });
}

const answers = (verdicts: readonly Verdict[]): readonly string[] => verdicts.map((one) => one.answer);
const places = (dev: Partial<Place>, production: Partial<Place> = dev): Facts['places'] => ({
  dev: { ok: true, value: aPlace(dev) },
  production: { ok: true, value: aPlace(production) },
});

describe('comparisons', () => {
  const gate: Gate = { kind: 'comparisons', equal: 2, withinMs: 5 * DAY, environments: ['dev'] };
  const at = (days: number, answer = 'equal', environment = 'dev'): Compared => ({
    ...{ environment, answer, atMs: NOW - days * DAY },
  });
  for (const [name, comparisons, answer] of [
    ['so many that are equal meet it', [at(1), at(2)], 'met'],
    ['one that is just as old as allowed still counts', [at(1), at(5)], 'met'],
    ['one too few does not', [at(1)], 'unmet'],
    ['an older one does not count', [at(1), at(5.1)], 'unmet'],
    ['a difference before them is over', [at(1), at(2), at(3, 'different')], 'met'],
    ['a difference among them begins the row anew', [at(1), at(2, 'different'), at(3), at(4)], 'unmet'],
    ['a difference after them does, too', [at(1, 'missing'), at(2), at(3)], 'unmet'],
    ['what could not be found out is not equal', [at(1, 'unknown'), at(2), at(3)], 'unmet'],
    ['another environment says nothing', [at(1), at(2, 'equal', 'production')], 'unmet'],
    ['one of tomorrow says nothing', [at(1), at(-1)], 'unmet'],
  ] as const)
    test(name, () => assert.deepEqual(answers(judge(gate, { comparisons })), [answer]));

  test('what was equal before the service began to compare belongs to an earlier attempt', () => {
    const history = [{ at: iso(NOW - 1.5 * DAY), by: 'dana', from: 'reverted', to: 'comparing' } as const];
    const [verdict] = judge(gate, { comparisons: [at(1), at(2)] }, { history });
    assert.equal(verdict?.answer, 'unmet');
    assert.match(verdict.why, /dev: 1 of 2 comparisons in a row were equal/);
  });

  test('each environment on the path has its own answer unless some are named', () => {
    const comparisons = [at(1), at(2), at(1, 'equal', 'production')];
    const found = judge({ kind: 'comparisons', equal: 2, withinMs: 5 * DAY }, { comparisons });
    assert.deepEqual(answers(found), ['met', 'unmet']);
    assert.match(found[1]?.remedy ?? '', /sluice compare iam --environment production/);
  });
});

describe('a rehearsal of the way back', () => {
  const gate: Gate = { kind: 'rehearsal', withinMs: 30 * DAY, environments: ['dev'] };
  const at = (days: number, ok = true, environment = 'dev', forReal = true) => ({
    ...{ environment, ok, forReal, atMs: NOW - days * DAY },
  });
  for (const [name, rehearsals, answer] of [
    ['that went well lately meets it, also one from before', [at(29)], 'met'],
    ['that is too old does not', [at(31)], 'unmet'],
    ['that failed later undoes the one that went well', [at(3), at(2, false)], 'unmet'],
    ['that went well after one failed meets it', [at(2, false), at(1)], 'met'],
    ['of another environment says nothing', [at(1, true, 'production')], 'unmet'],
    ['of tomorrow says nothing', [at(-1)], 'unmet'],
    ['that never was is none', [], 'unmet'],
    ['for which somebody has only looked is none', [at(1, true, 'dev', false)], 'unmet'],
    [
      'that was gone for real still counts when somebody has only looked since',
      [at(2), at(1, false, 'dev', false)],
      'met',
    ],
  ] as const)
    test(name, () => assert.deepEqual(answers(judge(gate, { rehearsals })), [answer]));

  test('is gone for real everywhere but at the end of the path, unless the gate says otherwise', () => {
    const looked = [at(1, true, 'dev', false), at(1, true, 'production', false)];
    const { environments: _, ...everywhere } = gate;
    assert.deepEqual(answers(judge(everywhere, { rehearsals: looked })), ['unmet', 'met']);
    assert.deepEqual(answers(judge({ ...everywhere, forReal: true }, { rehearsals: looked })), ['unmet', 'unmet']);
    assert.deepEqual(answers(judge({ ...everywhere, forReal: false }, { rehearsals: looked })), ['met', 'met']);
  });
});

describe('releases', () => {
  const gate: Gate = { kind: 'releases', last: 2, environments: ['dev'] };
  const released = (days: number, outcome = 'released', isRollback = false) => ({
    ...{ version: `1.${days}.0`, outcome, isRollback, endedAtMs: NOW - days * DAY },
  });
  for (const [name, arrived, answer] of [
    ['so many in a row meet it', [released(1), released(2)], 'met'],
    ['one too few do not', [released(1)], 'unmet'],
    ['one that was undone begins the row anew', [released(1), released(2, 'rolled-back'), released(3)], 'unmet'],
    [
      'a roll-back begins it anew although it ended well',
      [released(1, 'released', true), released(2), released(3)],
      'unmet',
    ],
    ['what people refused says nothing', [released(1), released(2, 'refused'), released(3)], 'met'],
    [
      'what was aborted or overtaken says nothing',
      [released(1, 'aborted'), released(2), released(3, 'superseded'), released(4)],
      'met',
    ],
    ['what ended without an outcome breaks it', [released(1, ''), released(2), released(3)], 'unmet'],
    ['what was released before this state says nothing', [released(1), released(11)], 'unmet'],
  ] as const)
    test(name, () => assert.deepEqual(answers(judge(gate, { places: places({ arrived }) })), [answer]));

  test('what broke the row is named', () => {
    const [verdict] = judge(gate, { places: places({ arrived: [released(1), released(2, 'rolled-back')] }) });
    assert.match(verdict?.why ?? '', /1 of 2 releases in a row .*; before them was undone: 1\.2\.0 on 2026-11-29/);
  });
});

describe('what the engine knows of an environment', () => {
  const running = { version: '1.0.0', since: iso(NOW) };
  test('a service is adopted where something is on record', () => {
    assert.deepEqual(answers(judge({ kind: 'adopted' }, { places: places({ running }, {}) })), ['met', 'unmet']);
  });

  const hold = { kind: 'hold', service: 'iam', by: 'grace', reason: 'errors', since: iso(ENTERED) } as const;
  const stop = { kind: 'stop', by: 'grace', reason: 'all', since: iso(ENTERED), until: iso(NOW + DAY) } as const;
  for (const [name, restraints, answer] of [
    ['a hold of the service restrains it', [hold], 'unmet'],
    ['a stop of everything does', [stop], 'unmet'],
    ['a hold of another service does not', [{ ...hold, service: 'billing' }], 'met'],
    ['a stop that is over does not', [{ ...stop, until: iso(NOW - 1) }], 'met'],
  ] as const)
    test(name, () => {
      const [verdict] = judge({ kind: 'unrestrained', environments: ['dev'] }, { places: places({ restraints }) });
      assert.equal(verdict?.answer, answer);
    });

  for (const kind of ['adopted', 'unrestrained'] as const)
    test(`nobody takes it for a yes when the engine does not answer about "${kind}"`, () => {
      const silent = { ok: false, why: 'no worker' } as const;
      const found = judge({ kind, environments: ['dev', 'production'] }, { places: { dev: silent } });
      assert.deepEqual(answers(found), ['unknown', 'unknown']);
      assert.match(found[0]?.why ?? '', /no worker/);
    });
});

describe('a sign-off', () => {
  const gate: Gate = { kind: 'sign-off', by: ['dana', 'lee'] };
  const signed = (at: string, by = 'dana', state: Target = 'adopted') => ({ signOffs: [{ for: state, by, at }] });
  for (const [name, more, answer] of [
    ['of one who may, for this state, meets it', signed('2026-11-30'), 'met'],
    ['of the day on which the state began meets it', signed(iso(ENTERED).slice(0, 10)), 'met'],
    ['of somebody else does not', signed('2026-11-30', 'sam'), 'unmet'],
    ['for another state does not', signed('2026-11-30', 'dana', 'managed'), 'unmet'],
    ['from before this state is of an earlier attempt', signed('2026-11-20'), 'unmet'],
    ['of tomorrow does not', signed('2026-12-02'), 'unmet'],
    ['that is not there does not', { signOffs: [] }, 'unmet'],
  ] as const)
    test(name, () => assert.deepEqual(answers(judge(gate, {}, more)), [answer]));
});

describe('a wave', () => {
  const started = (state: State, days: number) =>
    GOOD.replace(
      'state: legacy   # since ever',
      `state: ${state}\n    history: [{ at: ${iso(NOW - days * DAY)}, by: d, from: adopted, to: ${state} }]`,
    );
  const rest = (text: string, more = '') => {
    const { migration } = readIt(text.replace('- name: rest', `- name: rest${more}`));
    const wave = migration.waves[1];
    return wave === undefined ? [] : judgeWave(migration, wave, NOW);
  };
  test('that says nothing waits until everything of the one before is managed', () => {
    assert.match(rest(GOOD)[0]?.why ?? '', /wave pilot at least managed: iam is legacy/);
    assert.deepEqual(answers(rest(started('managed', 1))), ['met']);
    assert.deepEqual(answers(rest(started('reverted', 1))), ['unmet']);
  });

  test('that wants it to last counts from when each service got there', () => {
    const lasting = '\n    gates: [{ wave: { name: pilot, state: managed, for: 7d } }]';
    assert.deepEqual(answers(rest(started('managed', 6), lasting)), ['unmet']);
    assert.deepEqual(answers(rest(started('managed', 8), lasting)), ['met']);
  });

  test('that wants nothing is open', () => assert.deepEqual(rest(GOOD, '\n    gates: []'), []));

  test('that is closed keeps its services in legacy, and nobody who has left it', () => {
    const { migration } = readIt();
    const billing = serviceIn(GOOD, 'billing');
    const judged = (service: MigratingService) =>
      judgeService({ migration, service, to: 'comparing', facts: facts() }).map(({ gate }) => gate);
    assert.deepEqual(judged(billing), ['wave']);
    assert.deepEqual(judged({ ...billing, state: 'reverted' }), []);
  });
});

test('a service that is not in sluice.yaml yet does not leave legacy', () => {
  const { migration } = readIt();
  const [first] = judgeService({ migration, service: serviceIn(GOOD), to: 'comparing', facts: facts({ path: [] }) });
  assert.deepEqual([first?.gate, first?.answer], ['service', 'unmet']);
});
