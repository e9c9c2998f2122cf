import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAnyOfApprovals } from '../../../src/adapters/approvals/any-of.ts';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createOidcApprovals } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import { openIssuer } from '../../../src/adapters/approvals/oidc/issuer.ts';
import type { GivenApproval } from '../../../src/domain/approval.ts';
import type { EvidenceTrust } from '../../../src/evidence/trust.ts';
import { type EvidenceVerdict, verifyEvidence } from '../../../src/evidence/verify.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { aReleaseWithEvidence, type EvidencedRelease } from '../../support/evidence.ts';
import type { Told } from '../../support/histories.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { answerOf, NOW } from '../../support/people.ts';

describe('when somebody who signed in with an identity provider has agreed', () => {
  let issuer: TestIssuer;
  let release: EvidencedRelease;
  let told: readonly Told[];
  let jwks: unknown;

  before(async () => {
    issuer = await startIssuer();
    release = await aReleaseWithEvidence();
    const { linus } = release.people;
    const at = new Date(NOW.getTime() - 3_600_000);
    const idToken = await issuer.idToken(await thumbprintOf(linus.publicKey), at, { preferred_username: 'linus' });
    const signedIn = { ...linus, idToken };
    told = await Promise.all(release.told.map((one) => replaced(one, signedIn, at)));
    jwks = await openIssuer({ issuer: issuer.issuer }).published();
  });
  after(() => issuer.close());

  /** The second answer, by the same person with a login. */
  async function replaced(one: Told, person: Parameters<typeof answerOf>[0], now: Date): Promise<Told> {
    const asked = one.activities?.[1]?.request as
      { approvals: readonly GivenApproval[]; planDigest: string } | undefined;
    const [first, second] = asked?.approvals ?? [];
    if (asked === undefined || first === undefined || second === undefined) return one;
    const { service, version, environment } = one.input as Record<'service' | 'version' | 'environment', string>;
    const facts = {
      service,
      version,
      environment,
      release: `release/${service}/${version}`,
      planDigest: asked.planDigest,
    };
    const given = { ...second, ...(await answerOf(person, { facts, now })), proof: 'oidc' as const };
    const activities = one.activities?.map(({ request, ...rest }) => {
      return { ...rest, request: { ...(request as object), approvals: [first, given] } };
    });
    return { ...one, activities: activities ?? [] };
  }

  function look(bytes: Uint8Array, keys: unknown): Promise<EvidenceVerdict> {
    const { grace } = release.people;
    const groups = { 'release-managers': GROUP_ID };
    const provider = { issuer: issuer.issuer, audience: CLIENT_ID, groupsClaim: 'groups' as const, groups };
    const trust: EvidenceTrust = {
      ...release.trust,
      // the environments of this story have signed for the answers of another one
      demandsRecord: () => false,
      approvals: createAnyOfApprovals({
        keys: createKeyApprovals([{ name: 'grace', aliases: [], groups: ['release-managers'], keys: [grace.pem] }]),
        identity: createOidcApprovals({ ...provider, jwks: keys }),
      }),
    };
    return verifyEvidence(bytes, trust);
  }

  const ofApprovals = ({ findings }: EvidenceVerdict) => findings.filter(({ check }) => check === 'approval');

  test('the keys of the issuer prove it long after the token has ended, and nobody is asked', async () => {
    const { bytes } = await release.evidence({ told });
    await issuer.rotate();
    const [agreed, ...others] = ofApprovals(await look(bytes, jwks));
    assert.equal(agreed?.state, 'proven', JSON.stringify(agreed));
    assert.match(agreed?.by ?? '', /grace \(key, .*\), linus \(oidc, /);
    assert.deepEqual(others, []);
  });

  test('with other keys than those of that time it is proven by nobody', async () => {
    const { bytes } = await release.evidence({ told });
    const now = await openIssuer({ issuer: issuer.issuer }).published();
    const [agreed] = ofApprovals(await look(bytes, now));
    assert.equal(agreed?.state, 'missing');
    assert.match(agreed?.why ?? '', /1 more proven yes needed.*identity-untrusted/);
  });
});
