import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAnyOfApprovals } from '../../../src/adapters/approvals/any-of.ts';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createMemoryApprovals } from '../../../src/adapters/approvals/memory.ts';
import { createNamedApprovals } from '../../../src/adapters/approvals/named.ts';
import { createOidcApprovals } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import type { ApprovalVerifier } from '../../../src/ports/approvals.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aPerson, answerOf, EXPECTED, NOW, PLAN_DIGEST, RULE } from '../../support/people.ts';
import { approvalsSuite } from './approvals-suite.ts';

let issuer: TestIssuer;
before(async () => {
  issuer = await startIssuer();
});
after(() => issuer.close());

const ada = aPerson('ada');
const signedIn = aPerson('ada@example.test', 'p-256');

function statedBy(approver: string, decision: ApprovalStatement['decision'] = 'approve'): ApprovalStatement {
  return { decision, approver, planDigest: PLAN_DIGEST, reason: 'seen' };
}

const keys = (): ApprovalVerifier =>
  createKeyApprovals([{ name: 'ada', aliases: [], groups: ['release-managers'], keys: [ada.pem] }]);

const identity = (): ApprovalVerifier =>
  createOidcApprovals({
    issuer: issuer.issuer,
    audience: CLIENT_ID,
    groupsClaim: 'groups',
    groups: { 'release-managers': GROUP_ID },
  });

const byKey = (decision: ApprovalStatement['decision']) => answerOf(ada, { facts: { decision, reason: 'seen' } });

async function byToken(decision: ApprovalStatement['decision']): Promise<ApprovalStatement> {
  const idToken = await issuer.idToken(await thumbprintOf(signedIn.publicKey), NOW);
  return answerOf({ ...signedIn, idToken }, { facts: { decision, reason: 'seen' } });
}

approvalsSuite('names alone', async () => ({
  verifier: createNamedApprovals(),
  statement: async (decision) => statedBy(' ada ', decision),
  refused: statedBy('  '),
}));

approvalsSuite('people in memory', async () => ({
  verifier: createMemoryApprovals({ ada: ['release-managers'] }),
  statement: async (decision) => statedBy('ada', decision),
  refused: statedBy('mallory'),
}));

approvalsSuite('people with keys', async () => ({ verifier: keys(), statement: byKey, refused: statedBy('ada') }));

approvalsSuite('people of an issuer', async () => ({
  verifier: identity(),
  statement: byToken,
  refused: await answerOf(signedIn),
}));

for (const [kind, statement] of Object.entries({ key: byKey, token: byToken })) {
  approvalsSuite(`people with either, of whom one has a ${kind},`, async () => ({
    verifier: createAnyOfApprovals({ keys: keys(), identity: identity() }),
    statement,
    refused: statedBy('ada'),
  }));
}

describe('when people are known in memory', () => {
  test('a name counts without case and space, as one person with their groups', async () => {
    const verifier = createMemoryApprovals({ ada: ['release-managers'] });
    const expected = { kind: 'accepted', subject: 'ada', groups: ['release-managers'] };
    assert.deepEqual(await verifier.verify(statedBy(' ADA '), RULE, EXPECTED), expected);
  });
});
