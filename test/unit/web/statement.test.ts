import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createOidcApprovals } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import type { StatementFacts } from '../../../src/domain/statement.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { signStatement as signOnLaptop } from '../../../src/statements/sign.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aPerson, EXPECTED, NOW, PLAN_DIGEST, type Person, RULE } from '../../support/people.ts';

interface BrowserKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: { readonly extractable: boolean };
  readonly idToken?: string;
}

/** The modules of the page as the browser runs them. */
interface Modules {
  keyFromPem(pem: string): Promise<BrowserKey>;
  newKey(): Promise<BrowserKey>;
  signStatement(
    facts: StatementFacts,
    subject: string,
    key: BrowserKey,
    moment: { readonly now: Date; readonly goodForMs: number },
  ): Promise<string>;
}

const { release, service, version, environment } = EXPECTED;
const FACTS = { release, service, version, environment, planDigest: PLAN_DIGEST, decision: 'approve' } as const;
const MOMENT = { now: NOW, goodForMs: 86_400_000 };
const pemOf = ({ privateKey }: Person): string => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

describe('when a browser signs', () => {
  let page: Modules;
  let issuer: TestIssuer;
  before(async () => {
    const load = (name: string): Promise<object> =>
      import(new URL(`../../../src/web/assets/${name}.js`, import.meta.url).href) as Promise<object>;
    page = { ...(await load('keys')), ...(await load('statement')) } as Modules;
    issuer = await startIssuer();
  });
  after(() => issuer.close());

  for (const kind of ['ed25519', 'p-256'] as const) {
    test(`the zone accepts what an ${kind} key of one's own has signed, and the laptop says the same`, async () => {
      const ada = aPerson('ada', kind);
      const key = await page.keyFromPem(pemOf(ada));
      assert.equal(key.kid, await thumbprintOf(ada.publicKey));
      assert.equal(key.privateKey.extractable, false);
      const statement = await page.signStatement({ ...FACTS, reason: 'seen – in “staging”' }, 'ada', key, MOMENT);
      const answer = { decision: 'approve', approver: 'ada', planDigest: PLAN_DIGEST, statement } as const;
      const zone = createKeyApprovals([{ name: 'ada', aliases: [], groups: ['release-managers'], keys: [ada.pem] }]);
      const verdict = await zone.verify({ ...answer, reason: 'seen – in “staging”' }, RULE, EXPECTED);
      assert.equal(verdict.kind, 'accepted', JSON.stringify(verdict));
      const laptop = await signOnLaptop({ ...FACTS, reason: 'seen – in “staging”' }, 'ada', ada, MOMENT);
      assert.deepEqual(decodeProtectedHeader(statement), decodeProtectedHeader(laptop));
      assert.deepEqual(claimsOf(statement), claimsOf(laptop));
    });
  }

  test('the zone accepts what a key of a sign-in has signed, vouched for by its token', async () => {
    const key = await page.newKey();
    assert.equal(key.privateKey.extractable, false);
    const idToken = await issuer.idToken(key.kid, NOW);
    const subject = 'ada@example.test';
    const statement = await page.signStatement(FACTS, subject, { ...key, idToken }, MOMENT);
    const answer = { decision: 'approve', approver: subject, planDigest: PLAN_DIGEST, statement } as const;
    const groups = { 'release-managers': GROUP_ID };
    const zone = createOidcApprovals({ issuer: issuer.issuer, audience: CLIENT_ID, groupsClaim: 'groups', groups });
    const verdict = await zone.verify(answer, RULE, EXPECTED);
    assert.equal(verdict.kind, 'accepted', JSON.stringify(verdict));
  });
});

/** What is signed, but for its own id. */
function claimsOf(statement: string): object {
  const text = Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString('utf8');
  const { jti, ...claims } = JSON.parse(text) as { jti: string };
  assert.match(jti, /^[0-9a-f-]{36}$/);
  return claims;
}
