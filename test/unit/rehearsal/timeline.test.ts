import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderRehearsal } from '../../../src/cli/render/rehearsal.ts';
import { formatMoment } from '../../../src/cli/render/time.ts';
import { plain } from '../../../src/cli/terminal.ts';
import type { RehearsalEvent } from '../../../src/rehearsal/rehearsal.ts';
import { type Seen, timelineOf } from '../../../src/rehearsal/timeline.ts';
import { aPromotion, aStep } from '../client/views.ts';

const FRIDAY = '2026-11-27T14:00:00.000Z';
const SOAKED = '2026-11-27T14:30:00.000Z';
const MONDAY = '2026-11-30T08:00:00.000Z';
const NOON = '2026-11-30T10:00:00.000Z';
const released = { kind: 'released', reason: 'it is there' } as const;
const refused = {
  kind: 'refused',
  reason: 'older',
  refusal: { code: 'gate-closed', message: 'older', remedy: 'newer' },
} as const;

const production = { environment: 'production' } as const;
const WAITS: readonly RehearsalEvent[] = [
  {
    at: FRIDAY,
    kind: 'waits',
    ...production,
    waitsFor: 'gate',
    reason: 'soak: not yet',
    for: 'the gate to open',
    until: SOAKED,
  },
  {
    at: SOAKED,
    kind: 'waits',
    ...production,
    waitsFor: 'gate',
    reason: 'weekend: frozen',
    for: 'on-call',
    until: MONDAY,
  },
  { at: MONDAY, kind: 'waits', ...production, waitsFor: 'approval', reason: '1 yes', for: '1 of leads', until: NOON },
  { at: NOON, kind: 'answered', ...production, by: ['leads 1'] },
];

const admitted = (at: string) => [aStep('admit', 'done', { endedAt: at })];
const seen = (changed: Partial<Seen> = {}): Seen => ({
  ...{ service: 'iam', version: '1.0.0', path: ['dev', 'production'], approveAfterMs: 7_200_000 },
  ...{ startedAt: FRIDAY, endedAt: NOON, events: WAITS, outcome: released },
  promotions: [
    aPromotion({ environment: 'dev', steps: admitted(FRIDAY), outcome: released }),
    aPromotion({ environment: 'production', steps: admitted(NOON), outcome: released }),
  ],
  ...changed,
});
const at = formatMoment;

describe('when a rehearsal is told', () => {
  test('everything stands in its order, and each environment says what it waited for', () => {
    assert.deepEqual(renderRehearsal(timelineOf(seen()), plain).split('\n'), [
      'rehearsal of iam 1.0.0  dev → production; nothing real was touched',
      'image, registries, clusters and people are stand-ins, what is stated about the image is taken for granted; steps take no time, people answer after 2 h',
      '',
      `${at(FRIDAY)}              starts`,
      `${at(FRIDAY)}  dev         entered`,
      `${at(FRIDAY)}  production  closed until ${at(SOAKED)}: soak: not yet`,
      `${at(SOAKED)}  production  closed until ${at(MONDAY)}: weekend: frozen`,
      `${at(MONDAY)}  production  waits until ${at(NOON)} for 1 of leads`,
      `${at(NOON)}  production  leads 1 says yes`,
      `${at(NOON)}  production  entered`,
      `${at(NOON)}              released, 3 days after its start`,
      '',
      `dev         entered ${at(FRIDAY)}; waited for nothing`,
      `production  entered ${at(NOON)}; waited 3 days for its gates, 2 h for people`,
    ]);
  });

  test('a question that is answered at once stands before its answer', () => {
    const asked: RehearsalEvent = {
      ...{ at: NOON, kind: 'waits', ...production, waitsFor: 'approval', reason: '1 yes', for: '1 of leads' },
      until: '2026-11-30T10:00:00.200Z',
    };
    const answered: RehearsalEvent = { at: NOON, kind: 'answered', ...production, by: ['leads 1'] };
    const told = timelineOf(seen({ events: [answered, asked] }));
    assert.deepEqual(
      told.events.map((one) => one.kind),
      ['started', 'entered', 'waits', 'answered', 'entered', 'finished'],
    );
    assert.match(renderRehearsal(told, plain), /production {2}entered .*; waited for nothing$/);
  });

  test('programs get milliseconds of waiting and moments as they are', () => {
    const { environments, outcome, events } = timelineOf(seen());
    assert.deepEqual(environments[1], {
      environment: 'production',
      enteredAt: NOON,
      waitedMs: { gate: Date.parse(MONDAY) - Date.parse(FRIDAY), approval: 7_200_000 },
      outcome: released,
    });
    assert.equal(outcome, released);
    assert.deepEqual(
      events.map((one) => one.kind),
      ['started', 'entered', 'waits', 'waits', 'waits', 'answered', 'entered', 'finished'],
    );
  });

  test('a refusal says where, why and what to do', () => {
    const promotions = [
      aPromotion({ environment: 'dev', steps: admitted(FRIDAY), outcome: released }),
      aPromotion({ environment: 'production', steps: [], outcome: refused }),
    ];
    const text = renderRehearsal(
      timelineOf(seen({ events: [], endedAt: FRIDAY, promotions, outcome: refused })),
      plain,
    );
    assert.match(text, /production {2}refused\n/);
    assert.match(text, / refused: older \(newer\)\n/);
    assert.match(text, /\nproduction {2}not entered \(refused\); waited for nothing$/);
  });

  test('a rehearsal that was given up says so, and what it still waited for', () => {
    const undo: RehearsalEvent = {
      at: NOON,
      kind: 'waits',
      ...production,
      waitsFor: 'undo',
      reason: 'stuck',
      for: 'an operator',
    };
    const { outcome: _, ...rest } = seen({ events: [undo], givenUp: 'the undo is stuck' });
    const told = timelineOf(rest);
    assert.equal('outcome' in told, false);
    const text = renderRehearsal(told, plain);
    assert.match(text, /production {2}waits without end for an operator: stuck/);
    assert.match(text, /the rehearsal ends here: the undo is stuck/);
  });

  test('people who cannot answer are told with the reason', () => {
    const events: readonly RehearsalEvent[] = [{ at: NOON, kind: 'unanswered', ...production, reason: 'too late' }];
    assert.match(renderRehearsal(timelineOf(seen({ events })), plain), /the people cannot answer: too late/);
  });
});
