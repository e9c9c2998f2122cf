import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createOidcApprovals, type OidcOptions } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import { signInByDeviceCode } from '../../../src/adapters/approvals/oidc/device-code.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aPerson, answerOf, EXPECTED, NOW, RULE, type Said } from '../../support/people.ts';

const ada = aPerson('ada@example.test', 'p-256');
const eve = aPerson('ada@example.test', 'p-256');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

let issuer: TestIssuer;
let thumbprint: string;
before(async () => {
  issuer = await startIssuer();
  thumbprint = await thumbprintOf(ada.publicKey);
});
after(() => issuer.close());

function verifierOf(options: Partial<OidcOptions> = {}) {
  const groups = { 'release-managers': GROUP_ID };
  return createOidcApprovals({ issuer: issuer.issuer, audience: CLIENT_ID, groupsClaim: 'groups', groups, ...options });
}

async function codeOf(idToken: string, said: Said = {}, verifier = verifierOf(), signer = ada): Promise<string> {
  const verdict = await verifier.verify(await answerOf({ ...signer, idToken }, said), RULE, EXPECTED);
  return verdict.kind === 'accepted' ? 'accepted' : verdict.refusal.code;
}

describe('when an issuer vouches for the key that signed', () => {
  test('the person is accepted, with the groups of the token under the names of the configuration', async () => {
    const idToken = await issuer.idToken(thumbprint, NOW);
    const verdict = await verifierOf().verify(await answerOf({ ...ada, idToken }), RULE, EXPECTED);
    assert.ok(verdict.kind === 'accepted', JSON.stringify(verdict));
    assert.deepEqual(
      [verdict.subject, verdict.groups, verdict.proof],
      ['ada@example.test', ['release-managers'], 'oidc'],
    );
    assert.deepEqual(verdict.aliases, ['oid-1', 'pairwise-1']);
  });

  describe('and the token is over by now', () => {
    const early = later(-5 * 3_600_000);
    const verdictOf = async (seen: Date | undefined, said: Said = { now: early }, verifier = verifierOf()) => {
      const answer = await answerOf({ ...ada, idToken: await issuer.idToken(thumbprint, early) }, said);
      const verdict = await verifier.verify(answer, RULE, EXPECTED, () => Promise.resolve(seen));
      return verdict.kind === 'accepted' ? 'accepted' : verdict.refusal.code;
    };

    test('the statement counts if it arrived while the token was good', async () =>
      assert.equal(await verdictOf(later(-4.5 * 3_600_000)), 'accepted'));

    test('it does not if it arrives only now, or arrived when the token was over already', async () => {
      assert.equal(await verdictOf(undefined), 'approval-stale');
      assert.equal(await verdictOf(later(-3.9 * 3_600_000)), 'approval-stale');
      assert.equal(await codeOf(await issuer.idToken(thumbprint, early), { now: early }), 'approval-stale');
    });

    test('a minute between two clocks is no reason', async () => {
      assert.equal(await verdictOf(later(-4 * 3_600_000 + 59_000)), 'accepted');
      assert.equal(await verdictOf(later(-4 * 3_600_000 + 61_000)), 'approval-stale');
    });

    test('what arrived in time does not count if it was signed when the token was over', async () =>
      assert.equal(await verdictOf(later(-4.5 * 3_600_000), {}), 'identity-expired'));
  });

  test('application roles are as good as groups', async () => {
    const roles = verifierOf({ groupsClaim: 'roles', groups: { 'release-managers': 'Release.Approve' } });
    const idToken = await issuer.idToken(thumbprint, NOW, { roles: ['Release.Approve'] });
    assert.equal(await codeOf(idToken, {}, roles), 'accepted');
  });
});

describe('when a token does not vouch for the key', () => {
  const cases: readonly (readonly [title: string, claims: Readonly<Record<string, unknown>>, code: string])[] = [
    ['from another issuer', { iss: 'https://issuer.example.test' }, 'identity-untrusted'],
    ['for another application', { aud: 'another-application' }, 'identity-other-audience'],
    [
      'for Sluice and another application',
      { aud: [CLIENT_ID, 'https://graph.example.test'] },
      'identity-other-audience',
    ],
    ['for nobody', { aud: undefined }, 'identity-other-audience'],
    ['that names no key', { nonce: undefined }, 'identity-unbound'],
    ['that names another key', { nonce: 'another' }, 'identity-unbound'],
    ['that is not good yet', { nbf: Math.floor(later(600_000).getTime() / 1000) }, 'identity-expired'],
    ['made after the statement', { iat: Math.floor(later(600_000).getTime() / 1000) }, 'identity-expired'],
    ['that never ends', { exp: undefined }, 'identity-untrusted'],
    ['of somebody who left the group', { groups: ['another-group'] }, 'approval-wrong-group'],
    ['of somebody without groups', { groups: undefined }, 'approval-wrong-group'],
    ['whose groups are no list', { groups: GROUP_ID }, 'approval-wrong-group'],
    ['whose groups are elsewhere', { groups: undefined, _claim_names: { groups: 'src1' } }, 'identity-groups-hidden'],
    ['that only says that there are groups', { groups: undefined, hasgroups: true }, 'identity-groups-hidden'],
    ['of whoever started the release', { email: 'Rita' }, 'approval-excluded'],
    ['of somebody else', { preferred_username: 'bob@example.test' }, 'approval-unproven'],
  ];
  for (const [title, claims, code] of cases) {
    test(`refuses a token ${title}`, async () =>
      assert.equal(await codeOf(await issuer.idToken(thumbprint, NOW, claims)), code));
  }

  test('refuses a token that was over when the statement was signed', async () => {
    const idToken = await issuer.idToken(thumbprint, later(-2 * 3_600_000));
    assert.equal(await codeOf(idToken), 'identity-expired');
  });

  test('refuses a stolen token under another key: it answers nothing by itself', async () => {
    assert.equal(await codeOf(await issuer.idToken(thumbprint, NOW), {}, verifierOf(), eve), 'identity-unbound');
  });

  test('refuses a token that another issuer signed, with the same name of the key', async () => {
    const other = await startIssuer();
    try {
      const idToken = await other.idToken(thumbprint, NOW, { iss: issuer.issuer });
      assert.equal(await codeOf(idToken), 'identity-untrusted');
    } finally {
      await other.close();
    }
  });

  test('refuses a token without a signature, and one signed with a shared secret', async () => {
    const [, payload = '', signature = ''] = (await issuer.idToken(thumbprint, NOW)).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'key-1' })).toString('base64url');
      assert.equal(await codeOf(`${header}.${payload}.${alg === 'none' ? '' : signature}`), 'identity-untrusted');
    }
    assert.equal(await codeOf('no token'), 'identity-untrusted');
  });
});

describe('when the issuer changes its keys', () => {
  test('an unknown key makes it ask again, and the old one is forgotten', async () => {
    const rotating = await startIssuer();
    try {
      const verifier = verifierOf({ issuer: rotating.issuer, cooldownMs: 0 });
      const old = await rotating.idToken(thumbprint, NOW);
      assert.equal(await codeOf(old, {}, verifier), 'accepted');
      assert.equal(await codeOf(old, {}, verifier), 'accepted');
      assert.equal(rotating.asked(), 1, 'keys are kept');
      await rotating.rotate();
      assert.equal(await codeOf(await rotating.idToken(thumbprint, NOW), {}, verifier), 'accepted');
      assert.equal(rotating.asked(), 2);
      assert.equal(await codeOf(old, {}, verifier), 'identity-untrusted');
    } finally {
      await rotating.close();
    }
  });

  test('unknown keys do not make it ask more often than it may: until then nobody knows, and it is asked again', async () => {
    const rotating = await startIssuer();
    try {
      const verifier = verifierOf({ issuer: rotating.issuer });
      await codeOf(await rotating.idToken(thumbprint, NOW), {}, verifier);
      await rotating.rotate();
      const unknown = await rotating.idToken(thumbprint, NOW);
      for (let time = 0; time < 3; time += 1) await assert.rejects(codeOf(unknown, {}, verifier), isUnreachable);
      assert.equal(rotating.asked(), 1);
    } finally {
      await rotating.close();
    }
  });

  test('what was verified when it arrived is verified still when the key is withdrawn', async () => {
    const rotating = await startIssuer();
    try {
      const answer = await answerOf({ ...ada, idToken: await rotating.idToken(thumbprint, NOW) });
      await rotating.rotate();
      const verified = async (options: Partial<OidcOptions>, seen: Date | undefined) => {
        const verifier = verifierOf({ issuer: rotating.issuer, ...options });
        const verdict = await verifier.verify(answer, RULE, EXPECTED, () => Promise.resolve(seen));
        return verdict.kind === 'accepted' ? 'accepted' : verdict.refusal.code;
      };
      assert.equal(await verified({}, NOW), 'accepted');
      assert.equal(await verified({}, undefined), 'identity-untrusted');
      assert.equal(await verified({}, later(2 * 3_600_000)), 'approval-stale');
      assert.equal(await verified({ audience: 'another-application' }, NOW), 'identity-other-audience');
      assert.equal(await verified({ groups: {} }, NOW), 'approval-wrong-group');
    } finally {
      await rotating.close();
    }
  });

  test('a key that is not among those just fetched is none of the issuer', async () => {
    const forger = await startIssuer();
    try {
      await forger.rotate();
      const forged = await forger.idToken(thumbprint, NOW, { iss: issuer.issuer });
      assert.equal(await codeOf(forged), 'identity-untrusted');
    } finally {
      await forger.close();
    }
  });
});

/** "Could not find out", which is asked again, and no "no", which ends a release. */
function isUnreachable(error: unknown): boolean {
  return error instanceof PortError && error.code === 'identity-unreachable' && error.retry === 'yes';
}

describe('when the issuer cannot be asked', () => {
  const cases = [
    ['its configuration is broken', '/.well-known/openid-configuration', { status: 500, body: 'oops' }],
    ['its configuration is no JSON', '/.well-known/openid-configuration', { status: 200, body: '<html>' }],
    ['its keys are broken', '/keys', { status: 503, body: '' }],
    ['its keys are a page of somebody between', '/keys', { status: 200, body: '<html>sign in to this network</html>' }],
    ['its keys are no list', '/keys', { status: 200, body: '{}' }],
    ['its list of keys is empty', '/keys', { status: 200, body: '{"keys":[]}' }],
    ['its list holds something else', '/keys', { status: 200, body: '{"keys":["key-1"]}' }],
    ['its key cannot be read', '/keys', { status: 200, body: '{"keys":[{"kty":"EC","crv":"P-256","kid":"key-1"}]}' }],
    ['its keys are endless', '/keys', { status: 200, body: 'x'.repeat(600_000) }],
  ] as const;
  for (const [title, path, reply] of cases) {
    test(`nobody is accepted and nobody refused: ${title}; afterwards it works again`, async () => {
      const verifier = verifierOf();
      const idToken = await issuer.idToken(thumbprint, NOW);
      issuer.broken.set(path, reply);
      await assert.rejects(codeOf(idToken, {}, verifier), isUnreachable);
      issuer.broken.delete(path);
      assert.equal(await codeOf(idToken, {}, verifier), 'accepted');
    });
  }

  test('the same when nobody listens', async () => {
    const idToken = await issuer.idToken(thumbprint, NOW);
    await assert.rejects(codeOf(idToken, {}, verifierOf({ issuer: 'http://127.0.0.1:1' })), isUnreachable);
  });

  test('it must call itself what the configuration calls it, and speak over https', async () => {
    const idToken = await issuer.idToken(thumbprint, NOW);
    const isUntrusted = { code: 'identity-untrusted', retry: 'no' };
    await assert.rejects(codeOf(idToken, {}, verifierOf({ issuer: `${issuer.issuer}/` })), isUntrusted);
    await assert.rejects(codeOf(idToken, {}, verifierOf({ issuer: 'http://issuer.example.test' })), isUntrusted);
  });
});

describe('when somebody signs in with a device code', () => {
  const signIn = (seen: string[] = []) =>
    signInByDeviceCode(
      { issuer: issuer.issuer, clientId: CLIENT_ID, audience: CLIENT_ID },
      thumbprint,
      ({ url, code }) => seen.push(`${url} ${code}`),
    );

  test('they are told where to go, and the token that comes vouches for their key', async () => {
    issuer.polls.push('authorization_pending', 'authorization_pending');
    const seen: string[] = [];
    const { subject, idToken } = await signIn(seen);
    assert.deepEqual([seen, subject], [[`${issuer.issuer}/enter BCDF-GHJK`], 'ada@example.test']);
    const now = new Date();
    const answer = await answerOf({ ...ada, idToken }, { now });
    const verdict = await verifierOf().verify(answer, RULE, { ...EXPECTED, at: now });
    assert.equal(verdict.kind, 'accepted');
  });

  test('refuses at once when the issuer forgets the nonce', async () => {
    issuer.keepsNonce = false;
    try {
      await assert.rejects(signIn(), { code: 'identity-unbound' });
    } finally {
      issuer.keepsNonce = true;
    }
  });

  for (const error of ['access_denied', 'expired_token', 'invalid_client']) {
    test(`says so when the issuer answers ${error}`, async () => {
      issuer.polls.push(error);
      await assert.rejects(signIn(), { code: 'login-failed', got: error });
    });
  }
});
