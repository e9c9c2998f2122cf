import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openQuestion, withApproval } from '../../../src/domain/approval.ts';
import { nextMoment, type QuestionClock } from '../../../src/domain/approval-moments.ts';
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';

const T0 = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;
const ASKED = { planDigest: 'plan', requestedBy: 'rita' };
const RULE: ApprovalRule = { required: 2, from: ['managers'], notRequester: true, deadlineMs: 72 * HOUR };
const CLOCK: QuestionClock = { askedMs: T0, untilMs: T0 + 72 * HOUR, reminders: 0, widened: false, deferred: 0 };
const QUESTION = openQuestion(RULE, ASKED);
const next = (rule: Partial<ApprovalRule>, clock: Partial<QuestionClock> = {}) =>
  nextMoment({ ...RULE, ...rule }, { ...CLOCK, ...clock }, QUESTION, T0);

describe('when an open question waits', () => {
  test('without anything else, its deadline is what comes', () => {
    assert.deepEqual(next({}), { kind: 'deadline', atMs: T0 + 72 * HOUR });
  });

  test('reminders come one after the other, from the question on', () => {
    assert.deepEqual(next({ remindEveryMs: HOUR }), { kind: 'remind', atMs: T0 + HOUR });
    assert.deepEqual(next({ remindEveryMs: HOUR }, { reminders: 2 }), { kind: 'remind', atMs: T0 + 3 * HOUR });
    assert.equal(next({ remindEveryMs: HOUR }, { reminders: 71 }).kind, 'deadline', 'not at the same moment');
  });

  test('it widens once', () => {
    const widen = { afterMs: 24 * HOUR, to: ['on-call'] };
    assert.deepEqual(next({ widen }), { kind: 'widen', atMs: T0 + 24 * HOUR });
    assert.equal(next({ widen }, { widened: true }).kind, 'deadline');
  });

  test('the first yes that grows old comes before the deadline, and one that has grown old does not', () => {
    const rule = { ...RULE, goodForMs: HOUR };
    const given = { decision: 'approve', approver: 'ada', planDigest: 'plan' } as const;
    const state = withApproval(openQuestion(rule, ASKED), given, new Date(T0).toISOString());
    assert.deepEqual(nextMoment(rule, CLOCK, state, T0), { kind: 'lapse', atMs: T0 + HOUR });
    assert.equal(nextMoment(rule, CLOCK, state, T0 + HOUR).kind, 'deadline');
  });
});
