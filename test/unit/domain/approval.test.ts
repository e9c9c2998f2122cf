import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ApprovalState,
  type ApprovalStatement,
  refusalOf,
  verdictOf,
  withApproval,
} from '../../../src/domain/approval.ts';

const STATE: ApprovalState = {
  planDigest: 'plan',
  required: 2,
  excluded: [{ name: 'rita', because: 'she started it' }],
  given: [],
  open: true,
};
const YES: ApprovalStatement = { decision: 'approve', approver: 'ada', planDigest: 'plan' };
const AT = '2026-11-23T12:00:00Z';
const NOW = Date.parse(AT);

describe('an answer to the question of approval', () => {
  for (const [title, statement, code] of [
    ['for this plan is counted', YES, undefined],
    ['for another plan is refused', { ...YES, planDigest: 'other' }, 'approval-other-plan'],
    ['from an excluded person is refused', { ...YES, approver: ' Rita' }, 'approval-excluded'],
    ['without a name is refused', { ...YES, approver: '  ' }, 'approval-malformed'],
    ['that is no statement at all is refused', 'yes' as unknown as ApprovalStatement, 'approval-malformed'],
    [
      'with a foreign decision is refused',
      { ...YES, decision: 'maybe' } as unknown as ApprovalStatement,
      'approval-malformed',
    ],
    ['that is no without a reason is refused', { ...YES, decision: 'reject' }, 'approval-reason-missing'],
    [
      'that is no with an empty reason is refused',
      { ...YES, decision: 'reject', reason: ' ' },
      'approval-reason-missing',
    ],
    ['that is no with a reason is counted', { ...YES, decision: 'reject', reason: 'quarter end' }, undefined],
  ] as const) {
    it(title, () => assert.equal(refusalOf(STATE, statement, NOW)?.code, code));
  }

  it('is refused twice from one person, whatever the spelling', () => {
    const once = withApproval(STATE, YES, AT);
    assert.equal(refusalOf(once, { ...YES, approver: 'ADA ' }, NOW)?.code, 'approval-duplicate');
  });

  it('is refused when the question is closed', () => {
    assert.equal(refusalOf({ ...STATE, open: false }, YES, NOW)?.code, 'approval-not-open');
  });

  it('changes nothing by itself', () => {
    withApproval(STATE, YES, AT);
    assert.deepEqual(STATE.given, []);
  });
});

describe('the verdict over all answers', () => {
  it('waits until enough people said yes', () => {
    const one = withApproval(STATE, YES, AT);
    assert.deepEqual(
      [STATE, one].map((state) => verdictOf(state, NOW)),
      [
        { kind: 'waiting', missing: 2 },
        { kind: 'waiting', missing: 1 },
      ],
    );
    assert.deepEqual(verdictOf(withApproval(one, { ...YES, approver: 'bob' }, AT), NOW), { kind: 'approved' });
  });

  it('is no as soon as one person says no', () => {
    const no = withApproval(STATE, { ...YES, decision: 'reject', reason: 'quarter end' }, AT);
    assert.deepEqual(verdictOf(no, NOW), { kind: 'rejected', by: 'ada', reason: 'quarter end' });
  });
});
