import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateOverride, GateRule } from '../../../../src/domain/gate.ts';
import { admits, judgeGates, overrideRefusal } from '../../../../src/policy/gates/index.ts';
import { dated, freezeOf, someFacts, verdictOf } from './facts.ts';

const frozen = freezeOf(dated('2026-11-01T00:00', '2026-12-01T00:00'));
const open: GateRule = { ...frozen, override: { from: ['release-managers', 'on-call'] } };
const override: GateOverride = { gate: 'freeze', by: 'grace', groups: ['on-call'], reason: 'outage' };

describe('when somebody overrides a gate', () => {
  test('it says yes, and the verdict keeps who, why and what the gate said', () => {
    const verdict = verdictOf(open, { overrides: [override] });
    assert.equal(verdict.answer, 'yes');
    assert.deepEqual(verdict.overriddenBy, { by: 'grace', reason: 'outage' });
    assert.match(verdict.reason, /freeze window until/);
    assert.equal(verdict.until, undefined);
  });

  test('a refusal may be overridden too, and leaves no refusal', () => {
    const rule = { kind: 'ticket', name: 'ticket', pattern: 'A', override: { from: ['on-call'] } } as const;
    const verdict = verdictOf(rule, { overrides: [{ ...override, gate: 'ticket' }] });
    assert.deepEqual([verdict.answer, verdict.refusal], ['yes', undefined]);
  });

  test('a gate that says yes is not marked', () => {
    const verdict = verdictOf(open, { at: '2027-01-01T00:00:00Z', overrides: [override] });
    assert.deepEqual([verdict.answer, verdict.overriddenBy], ['yes', undefined]);
  });

  for (const [title, rule, changed, message] of [
    ['where the rule allows nobody', frozen, {}, /overridden by nobody/],
    ['for another gate', open, { gate: 'hours' }, /another gate/],
    ['by somebody of another group', open, { groups: ['developers'] }, /grace is in no group/],
    ['by somebody of no group', open, { groups: [] }, /in no group/],
    ['with a blank reason', open, { reason: ' \n' }, /needs a reason/],
  ] as const) {
    test(`it does not count ${title}`, () => {
      assert.equal(verdictOf(rule, { overrides: [{ ...override, ...changed }] }).answer, 'wait');
      const refusal = overrideRefusal(rule, { ...override, ...changed });
      assert.equal(refusal?.code, 'gate-override-refused');
      assert.match(refusal.message, message);
    });
  }

  test('one that does not count does not hide one that does', () => {
    assert.equal(verdictOf(open, { overrides: [{ ...override, groups: [] }, override] }).answer, 'yes');
  });

  test('people read who can end it sooner', () => {
    assert.equal(verdictOf(open).for, 'release-managers, on-call');
    assert.equal(verdictOf(frozen).for, undefined);
  });
});

describe('when all verdicts are taken together', () => {
  const later: GateRule = { ...freezeOf(dated('2026-11-01T00:00', '2026-12-10T00:00')), name: 'later' };
  const soak: GateRule = { kind: 'soak', name: 'soak', in: 'staging', forMs: 1 };
  const ticket: GateRule = { kind: 'ticket', name: 'ticket', pattern: 'A' };
  const admission = (...rules: readonly GateRule[]) => admits(judgeGates(rules, someFacts()));

  test('a no that somebody may pass is waited for, without a time; beside one that nobody may pass it is a no', () => {
    const passable: GateRule = { ...ticket, name: 'passable', override: { from: ['on-call'] } };
    assert.partialDeepStrictEqual(admission(later, passable), { answer: 'wait', gates: ['later', 'passable'] });
    assert.equal('until' in admission(later, passable), false);
    assert.equal(admission(ticket, passable).answer, 'no');
  });

  test('no gates admit', () => assert.deepEqual(admission(), { answer: 'yes' }));

  test('several that wait are over with the last', () => {
    const answer = admission(later, frozen);
    assert.equal(answer.answer === 'wait' && answer.until, '2026-12-09T23:00:00.000Z');
    assert.deepEqual(answer.answer === 'wait' && answer.gates, ['later', 'freeze']);
  });

  test('one that waits for an event does not hide the time of another', () => {
    const answer = admission(soak, frozen);
    assert.equal(answer.answer === 'wait' && answer.until, '2026-11-30T23:00:00.000Z');
    const alone = admission(soak);
    assert.equal(alone.answer === 'wait' && alone.until, undefined);
  });

  test('a refusal counts more than a wait', () => {
    const answer = admission(frozen, ticket);
    assert.equal(answer.answer, 'no');
    assert.deepEqual(answer.answer === 'no' && answer.gates, ['ticket']);
  });

  test('several refusals are one that names them all', () => {
    const answer = admission(ticket, { ...ticket, name: 'change' });
    assert.match(answer.answer === 'no' ? answer.refusal.message : '', /gate "ticket": .*; gate "change": /);
  });
});
