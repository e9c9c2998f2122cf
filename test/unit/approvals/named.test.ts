import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNamedApprovals } from '../../../src/adapters/approvals/named.ts';
import { EXPECTED, PLAN_DIGEST, RULE } from '../../support/people.ts';

const verify = (approver: string) =>
  createNamedApprovals().verify({ decision: 'approve', approver, planDigest: PLAN_DIGEST }, RULE, EXPECTED);

describe('when an approval states only a name', () => {
  for (const name of ['ada@example.test', ' ada ', 'Ada Lovelace']) {
    test(`${JSON.stringify(name)} is taken at its word, and belongs to no group`, async () => {
      assert.deepEqual(await verify(name), { kind: 'accepted', subject: name.trim(), groups: [] });
    });
  }

  for (const name of ['', '   ', '\n\t']) {
    test(`${JSON.stringify(name)} names nobody`, async () => {
      const verdict = await verify(name);
      assert.equal(verdict.kind, 'refused');
      assert.ok(verdict.kind === 'refused' && verdict.refusal.code === 'approval-malformed' && verdict.refusal.remedy);
    });
  }
});
