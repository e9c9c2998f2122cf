import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { type BrowserSignIn, createBrowserSignIn } from '../../../src/adapters/approvals/oidc/authorization-code.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { CLIENT_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aPerson } from '../../support/people.ts';

const RETURN_TO = 'http://127.0.0.1:8088/signed-in';

describe('when somebody signs in with a browser', () => {
  let issuer: TestIssuer;
  let thumbprint: string;
  const signIn = (audience = CLIENT_ID): BrowserSignIn =>
    createBrowserSignIn({ issuer: issuer.issuer, clientId: CLIENT_ID, audience });
  /** The code of the test issuer is the nonce. */
  const finish = (code = thumbprint, door = signIn()): ReturnType<BrowserSignIn['finish']> =>
    door.finish({ code, verifier: 'v', redirectUri: RETURN_TO, thumbprint });

  before(async () => {
    issuer = await startIssuer();
    thumbprint = await thumbprintOf(aPerson('ada', 'p-256').publicKey);
  });
  after(() => issuer.close());
  afterEach(() => {
    issuer.keepsNonce = true;
    issuer.broken.clear();
  });

  test('the browser is sent to the issuer with the key as nonce, and with a secret that stays here', async () => {
    const { url, state, verifier } = await signIn().begin(RETURN_TO, thumbprint);
    const { searchParams: query, origin, pathname } = new URL(url);
    assert.equal(origin + pathname, `${issuer.issuer}/authorize`);
    assert.deepEqual(Object.fromEntries(query), {
      client_id: CLIENT_ID,
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: RETURN_TO,
      scope: 'openid profile',
      state,
      nonce: thumbprint,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const again = await signIn().begin(RETURN_TO, thumbprint);
    assert.notEqual(again.state, state);
    assert.notEqual(again.verifier, verifier);
  });

  test('the code yields a token that vouches for the key', async () => {
    const { subject, idToken, expiresAt } = await finish();
    assert.equal(subject, 'ada@example.test');
    assert.equal(idToken.split('.').length, 3);
    assert.ok(Date.parse(expiresAt) > Date.now());
  });

  test('a token for another key, for nobody else, and one that was not signed by the issuer are refused', async () => {
    await assert.rejects(finish('another key'), { code: 'identity-unbound', remedy: /begin again/ });
    issuer.keepsNonce = false;
    await assert.rejects(finish(), { code: 'identity-unbound' });
    issuer.keepsNonce = true;
    await assert.rejects(finish(thumbprint, signIn('another application')), { code: 'identity-other-audience' });
    const forged = await issuer.idToken(thumbprint, new Date());
    const body = JSON.stringify({ id_token: `${forged.slice(0, -4)}AAAA` });
    issuer.broken.set('/token', { status: 200, body });
    await assert.rejects(finish(), { code: 'identity-untrusted' });
  });

  test('what the issuer says instead of a token is told', async () => {
    issuer.polls.push('invalid_grant');
    await assert.rejects(finish(), { code: 'login-failed', got: 'invalid_grant' });
    issuer.broken.set('/token', { status: 200, body: '<html>' });
    await assert.rejects(finish(), { code: 'identity-unreachable' });
  });

  test('nobody is sent to an address that anybody on the way can change', async () => {
    const elsewhere = {
      issuer: issuer.issuer,
      jwks_uri: `${issuer.issuer}/keys`,
      authorization_endpoint: 'http://a.test/',
    };
    issuer.broken.set('/.well-known/openid-configuration', { status: 200, body: JSON.stringify(elsewhere) });
    await assert.rejects(signIn().begin(RETURN_TO, thumbprint), { code: 'identity-untrusted' });
    const { authorization_endpoint: _, ...nowhere } = elsewhere;
    issuer.broken.set('/.well-known/openid-configuration', { status: 200, body: JSON.stringify(nowhere) });
    await assert.rejects(signIn().begin(RETURN_TO, thumbprint), { code: 'login-failed', got: /browser/ });
  });
});
