/** What every adapter of the port ApprovalVerifier must do, however it knows who answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { isErrorCode } from '../../../src/domain/error-code.ts';
import type { ApprovalVerifier } from '../../../src/ports/approvals.ts';
import { EXPECTED, RULE } from '../../support/people.ts';

export interface Subject {
  readonly verifier: ApprovalVerifier;
  /** A statement of somebody whom the adapter accepts, for the question of `test/support/people.ts`. */
  statement(decision: ApprovalStatement['decision']): Promise<ApprovalStatement>;
  /** A statement that it must refuse. */
  readonly refused: ApprovalStatement;
}

export function approvalsSuite(name: string, make: () => Promise<Subject>): void {
  describe(`when ${name} are asked who answers`, () => {
    for (const decision of ['approve', 'reject'] as const) {
      test(`somebody it accepts may ${decision}, under one name and with their groups`, async () => {
        const { verifier, statement } = await make();
        const verdict = await verifier.verify(await statement(decision), RULE, EXPECTED);
        assert.ok(verdict.kind === 'accepted');
        assert.ok(verdict.subject.trim() !== '' && verdict.subject === verdict.subject.trim());
        assert.ok(Array.isArray(verdict.groups));
      });
    }

    test('asking again gives the same answer', async () => {
      const { verifier, statement } = await make();
      const answer = await statement('approve');
      const first = await verifier.verify(answer, RULE, EXPECTED);
      assert.deepEqual(await verifier.verify(answer, RULE, EXPECTED), first);
    });

    test('a refusal is an answer with a code and a message, not an error', async () => {
      const { verifier, refused } = await make();
      const verdict = await verifier.verify(refused, RULE, EXPECTED);
      assert.ok(verdict.kind === 'refused');
      assert.ok(isErrorCode(verdict.refusal.code) && verdict.refusal.message !== '');
    });
  });
}
