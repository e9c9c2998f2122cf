import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNamedApprovals } from '../../../src/adapters/approvals/named.ts';

const RULE = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 1000 };
const verify = (approver: string) =>
  createNamedApprovals().verify({ decision: 'approve', approver, planDigest: `sha256:${'0'.repeat(64)}` }, RULE);

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
