import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryApprovals } from '../../../src/adapters/approvals/memory.ts';
import { createNamedApprovals } from '../../../src/adapters/approvals/named.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { RULE, approvalsSuite } from './approvals-suite.ts';

function statedBy(approver: string, decision: ApprovalStatement['decision'] = 'approve'): ApprovalStatement {
  return { decision, approver, planDigest: `sha256:${'0'.repeat(64)}`, reason: 'seen' };
}

approvalsSuite('names alone', () => ({
  verifier: createNamedApprovals(),
  statement: (decision) => statedBy(' ada ', decision),
  refused: statedBy('  '),
}));

approvalsSuite('people in memory', () => ({
  verifier: createMemoryApprovals({ ada: ['release-managers'] }),
  statement: (decision) => statedBy('ada', decision),
  refused: statedBy('mallory'),
}));

describe('when people are known in memory', () => {
  test('a name counts without case and space, as one person with their groups', async () => {
    const verifier = createMemoryApprovals({ ada: ['release-managers'] });
    const expected = { kind: 'accepted', subject: 'ada', groups: ['release-managers'] };
    assert.deepEqual(await verifier.verify(statedBy(' ADA '), RULE), expected);
  });
});
