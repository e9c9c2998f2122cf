import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { readHistory } from '../../../src/evidence/history.ts';
import { type Deed, DEEDS, type TrailEntry, trailOf } from '../../../src/evidence/trail.ts';
import { historyOf, type Told } from '../../support/histories.ts';

const FOLDER = new URL('../../integration/replay/histories/0.3.0/', import.meta.url);

/** From a history that a real server has written. */
function recorded(file: string): readonly TrailEntry[] {
  return trailOf(file, readHistory(JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), 'utf8'))));
}

const about = (entries: readonly TrailEntry[], ...deeds: readonly Deed[]) =>
  entries.filter(({ what }) => deeds.includes(what));
const inShort = ({ who, what, why }: TrailEntry): string => `${who} ${what}${why === undefined ? '' : `: ${why}`}`;

const IN_STAGING = { service: 'iam', version: '1.0.0', environment: 'staging' } as const;
const RELEASE = { workflowId: 'release/iam/1.0.0', runId: 'the release' };
const YES = { decision: 'approve', approver: 'ada', planDigest: 'sha256:plan', statement: 'a.b.c' } as const;

/** A promotion as somebody with write access to the namespace leaves it behind. */
function forged(told: Partial<Told>): readonly TrailEntry[] {
  const promotion: Told = {
    ...{ workflow: 'promotion', workflowId: 'promotion/iam/1.0.0/staging', runId: 'one' },
    ...{ input: IN_STAGING, parent: RELEASE, result: { outcome: { kind: 'aborted', reason: 'it was' } } },
    ...told,
  };
  return about(
    trailOf(promotion.workflowId, readHistory(historyOf(promotion))),
    ...DEEDS.filter((one) => one !== 'end'),
  );
}

const judged = (name: 'checkApproval' | 'checkOverride', statement: unknown, answer?: unknown) => ({
  ...{ name, request: { statement } },
  ...(answer === undefined ? {} : { answer }),
});
const BY_ITSELF = 'the promotion refused it by itself; its environment was not asked';

describe('the trail of what people have done', () => {
  const cases: readonly (readonly [file: string, ...said: string[]])[] = [
    ['released.release', 'pipeline start', 'engine end: released: iam released is in dev, staging'],
    [
      'approved-by-update.staging',
      'ada approve',
      'engine end: released: staging runs iam approved-by-update, proven by digest',
    ],
    [
      'approved-by-signal.staging',
      'ada approve',
      'engine end: released: staging runs iam approved-by-signal, proven by digest',
    ],
    ['rejected.staging', 'ada reject: quarter end', 'engine end: refused: rejected by ada: quarter end'],
  ];
  for (const [file, ...said] of cases)
    test(`is read from a real history: ${file}`, () => assert.deepEqual(recorded(file).map(inShort), said));

  const deeds: readonly (readonly [file: string, ...said: string[]])[] = [
    ['answer-refused.staging', 'answer-refused'],
    ['gate-overridden.staging', 'override'],
    ['paused-and-resumed.release', 'pause', 'resume'],
    ['aborted-while-asking.release', 'abort'],
    ['needed-attention-retried.staging', 'retry'],
    ['needed-attention-rolled-back.staging', 'roll-back'],
    ['rollback-released.rollback', 'roll-back'],
    ['rollback-released.environment', 'hold'],
    ['stopped-and-thawed.environment', 'stop', 'lift'],
  ];
  for (const [file, ...what] of deeds)
    test(`has ${what.join(' and ')} with who and why: ${file}`, () => {
      const found = about(recorded(file), ...(what as Deed[]));
      assert.deepEqual(
        found.map((one) => one.what),
        what,
      );
      for (const { who, why, at } of found) {
        assert.match(who, /^[a-z]+$/);
        assert.notEqual(why ?? '', '');
        assert.ok(!Number.isNaN(Date.parse(at)));
      }
    });

  test('says of a roll-back, a stop and a hold what and where', () => {
    const [back] = about(recorded('rollback-released.rollback'), 'roll-back');
    assert.deepEqual([back?.service, back?.environment], ['iam', 'staging']);
    const [hold] = about(recorded('rollback-released.environment'), 'hold');
    assert.deepEqual([hold?.service, hold?.environment], ['iam', 'staging']);
    const [stop] = about(recorded('stopped-and-thawed.environment'), 'stop');
    assert.deepEqual([stop?.service, stop?.environment], [undefined, 'staging']);
  });

  test('has what a release was told once, and not again where it passes it on', () => {
    assert.deepEqual(about(recorded('paused-and-resumed.staging'), 'pause', 'resume'), []);
    assert.deepEqual(about(recorded('aborted-while-asking.staging'), 'abort'), []);
  });

  test('has whatever was cut off, and says that nobody knows how it ended', () => {
    const history = JSON.parse(readFileSync(new URL('released.staging.json', FOLDER), 'utf8')) as {
      events: { eventType: string; [key: string]: unknown }[];
    };
    const { workflowExecutionCompletedEventAttributes: _, ...last } = history.events.at(-1) ?? assert.fail();
    history.events[history.events.length - 1] = { ...last, eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED' };
    const [end] = about(trailOf('promotion/x', readHistory(history)), 'end');
    assert.match(end?.why ?? '', /without an outcome/);
  });
});

describe('the trail of what somebody has tried', () => {
  test('has an answer that the promotion has refused by itself, under the name that it used', () => {
    assert.deepEqual(recorded('refused-signal-then-approved.staging').slice(0, 2).map(inShort), [
      `ada answer-refused: ${BY_ITSELF}`,
      'ada approve',
    ]);
    const name = 'x'.repeat(10_000);
    const [said, nameless, override] = forged({
      messages: [
        { name: 'approve', how: 'signal', said: { ...YES, approver: name } },
        { name: 'reject', how: 'signal', said: 7 },
        { name: 'override', how: 'update', said: { ...YES, overrides: ['freeze'] } },
      ],
    });
    assert.deepEqual([said?.what, said?.who.length], ['answer-refused', 500]);
    assert.deepEqual([nameless?.what, nameless?.who], ['answer-refused', '(no name)']);
    assert.deepEqual([override?.what, override?.who, override?.why], ['override-refused', 'ada', BY_ITSELF]);
  });

  test('has one that was said again as often as it was', () => {
    const again = { name: 'approve', how: 'signal', said: YES } as const;
    const put = judged('checkApproval', YES, { ok: true, subject: 'ada', proof: 'key' });
    assert.deepEqual(
      forged({ activities: [put], messages: [again, again, again] }).map(({ what }) => what),
      ['approve', 'answer-refused', 'answer-refused'],
    );
  });

  test('has what the environment has refused with its code', () => {
    const refusal = { code: 'approval-wrong-group', message: 'ada may not' };
    const word = { ...YES, overrides: ['freeze'] };
    const activities = [
      judged('checkApproval', YES, { ok: false, refusal }),
      judged('checkOverride', word, { ok: false, refusal }),
    ];
    const messages = [
      { name: 'approve', how: 'update', said: YES },
      { name: 'override', how: 'update', said: word },
    ] as const;
    assert.deepEqual(forged({ activities, messages }).map(inShort), [
      'ada answer-refused: approval-wrong-group: ada may not',
      'ada override-refused: approval-wrong-group: ada may not',
    ]);
  });

  test('says nothing yet of what nobody has heard, and while another one is looked at', () => {
    const word = { name: 'approve', how: 'signal', said: YES } as const;
    const { result: _, ...open } = { result: undefined };
    const unheard = historyOf({
      ...{ workflow: 'promotion', workflowId: 'promotion/iam/1.0.0/staging', runId: 'one', input: IN_STAGING, ...open },
      ...{ messages: [word], heard: false },
    });
    assert.deepEqual(trailOf('promotion/x', readHistory(unheard)), []);
    const busy = historyOf({
      ...{ workflow: 'promotion', workflowId: 'promotion/iam/1.0.0/staging', runId: 'one', input: IN_STAGING, ...open },
      ...{ activities: [judged('checkApproval', { ...YES, approver: 'bob' })], messages: [word] },
    });
    assert.deepEqual(trailOf('promotion/x', readHistory(busy)), []);
  });

  test('has orders that did not come from the release, whoever sends them', () => {
    const abort = { command: 'abort', by: 'mallory', reason: 'because' };
    const messages = [
      { name: 'control', how: 'signal', said: abort },
      { name: 'control', how: 'signal', said: abort, from: { workflowId: 'mine', runId: 'own' } },
      { name: 'control', how: 'signal', said: abort, from: RELEASE },
      { name: 'control', how: 'signal', said: { ...abort, command: 'constructor' } },
      { name: 'constructor', how: 'signal', said: abort },
      { name: 'abort', how: 'signal', said: abort },
    ] as const;
    assert.deepEqual(forged({ messages }).map(inShort), ['mallory abort: because', 'mallory abort: because']);
  });
});
