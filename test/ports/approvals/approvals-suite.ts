/** What every adapter of the port ApprovalVerifier must do, however it knows who answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { isErrorCode } from '../../../src/domain/error-code.ts';
import type { ApprovalVerifier } from '../../../src/ports/approvals.ts';

export const RULE = { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 60_000 };

export interface Subject {
  readonly verifier: ApprovalVerifier;
  /** A statement of somebody whom the adapter accepts. */
  statement(decision: ApprovalStatement['decision']): ApprovalStatement;
  /** A statement that it must refuse. */
  readonly refused: ApprovalStatement;
}

export function approvalsSuite(name: string, make: () => Subject): void {
  describe(`when ${name} are asked who answers`, () => {
    for (const decision of ['approve', 'reject'] as const) {
      test(`somebody it accepts may ${decision}, under one name and with their groups`, async () => {
        const { verifier, statement } = make();
        const verdict = await verifier.verify(statement(decision), RULE);
        assert.ok(verdict.kind === 'accepted');
        assert.ok(verdict.subject.trim() !== '' && verdict.subject === verdict.subject.trim());
        assert.ok(Array.isArray(verdict.groups));
      });
    }

    test('asking again gives the same answer', async () => {
      const { verifier, statement } = make();
      const first = await verifier.verify(statement('approve'), RULE);
      assert.deepEqual(await verifier.verify(statement('approve'), RULE), first);
    });

    test('a refusal is an answer with a code and a message, not an error', async () => {
      const { verifier, refused } = make();
      const verdict = await verifier.verify(refused, RULE);
      assert.ok(verdict.kind === 'refused');
      assert.ok(isErrorCode(verdict.refusal.code) && verdict.refusal.message !== '');
    });
  });
}
