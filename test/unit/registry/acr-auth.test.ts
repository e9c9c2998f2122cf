/** The token flow of the OCI client, at the wire. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { OCI_MANIFEST, sampleImage } from '../../ports/registry/subject.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { challenge, CREDENTIAL, guarded, type Scene, SECRETS, startScene } from './scene.ts';
import { json, registryError, type WireAnswer } from './wire.ts';

const IMAGE = sampleImage('auth');

function manifestAnswer(): WireAnswer {
  return { status: 200, headers: { 'content-type': OCI_MANIFEST }, body: IMAGE.manifest };
}

describe('when the registry asks for a token', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(() => scene.wire.close());
  const read = (repository = 'iam'): Promise<unknown> => scene.acr.reader.manifest(repository, { tag: '1' });
  const calls = (path: string): number => scene.wire.seen.filter((one) => one.path === path).length;

  test('exchanges the Entra token once and gets one access token per repository', async () => {
    scene.wire.on('GET', /^\/v2\/(iam|other)\/manifests\/1$/, guarded(scene.wire, manifestAnswer));
    await read();
    await read();
    await read('other');
    assert.equal(calls('/oauth2/exchange'), 1);
    assert.equal(calls('/oauth2/token'), 2);
    const scopes = scene.wire.seen
      .filter((one) => one.path === '/oauth2/token')
      .map((one) => new URLSearchParams(one.body).get('scope'));
    assert.deepEqual(scopes, ['repository:iam:pull', 'repository:other:pull']);
    const refused = scene.wire.seen.filter(
      (one) => one.path.startsWith('/v2/') && one.headers.authorization === undefined,
    );
    assert.equal(refused.length, 1, 'only the very first request goes without a token');
  });

  test('sends callers at the same time through one token request', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', guarded(scene.wire, manifestAnswer));
    await Promise.all([read(), read(), read(), read()]);
    assert.equal(calls('/oauth2/exchange'), 1);
    assert.equal(calls('/oauth2/token'), 1);
  });

  test('gets a new token when the old one has expired, and asks again once', async () => {
    let valid = '';
    scene.wire.on('GET', '/v2/iam/manifests/1', ({ headers }) => {
      const shown = String(headers.authorization ?? '');
      if (shown === '' || (valid !== '' && shown !== valid))
        return challenge(scene.wire, 'repository:iam:pull', 'invalid_token');
      return manifestAnswer();
    });
    await read();
    scene.revokeTokens();
    valid = `Bearer ACCESSSECRET.2.${Buffer.from('repository:iam:pull').toString('hex')}`;
    await read();
    assert.equal(calls('/oauth2/token'), 2);
  });

  test('gets a new refresh token when the old one is refused', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', guarded(scene.wire, manifestAnswer));
    scene.wire.on('POST', '/oauth2/token', (_, count) =>
      count === 1 ? registryError(401, 'UNAUTHORIZED') : undefined,
    );
    await read();
    assert.equal(calls('/oauth2/exchange'), 2);
  });

  test('gives up after one renewal: unauthorized is final', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', () => challenge(scene.wire, 'repository:iam:pull', 'invalid_token'));
    const error = await assertRefused(read(), 'registry-unauthorized');
    assert.equal(error.retry, 'no');
    assert.equal(calls('/v2/iam/manifests/1'), 2);
  });

  test('calls a token that is good and not enough a missing role, and names it', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', () =>
      challenge(scene.wire, 'repository:iam:pull', 'insufficient_scope'),
    );
    const error = await assertRefused(read(), 'registry-forbidden');
    assert.equal(error.retry, 'no');
    assert.match(
      error.remedy ?? '',
      /'AcrPull' \(with repository permissions: 'Container Registry Repository Reader'\) on \/subscriptions\/.*\/registries\/here/,
    );
  });

  test('maps what the token endpoints refuse', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', guarded(scene.wire, manifestAnswer));
    for (const [answer, code] of [
      [registryError(401, 'UNAUTHORIZED'), 'registry-unauthorized'],
      [registryError(403, 'DENIED'), 'registry-forbidden'],
      [registryError(500, 'UNKNOWN'), 'registry-failing'],
      [json(200, { something: 'else' }), 'registry-protocol'],
      [{ status: 200, body: '<html>' }, 'registry-protocol'],
    ] as const) {
      scene.wire.on('POST', '/oauth2/exchange', () => answer);
      await assertRefused(scene.adapter().reader.manifest('iam', { tag: '1' }), code);
    }
  });

  for (const [what, header] of [
    ['another host', 'Bearer realm="https://evil.test/oauth2/token",service="x",scope="y"'],
    ['plain http', 'Bearer realm="http://127.0.0.1/oauth2/token",service="x",scope="y"'],
    ['no address', 'Bearer realm="token",service="x"'],
    ['no realm', 'Bearer service="x"'],
    ['Basic', 'Basic realm="x"'],
  ] as const) {
    test(`never sends a token to a realm with ${what}`, async () => {
      scene.wire.on('GET', '/v2/iam/manifests/1', () => ({ status: 401, headers: { 'www-authenticate': header } }));
      await assertRefused(read(), 'registry-protocol');
      assert.equal(calls('/oauth2/exchange'), 0);
    });
  }

  test('says that there is no identity when there is none', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', guarded(scene.wire, manifestAnswer));
    const unavailable = Object.assign(new Error('no managed identity here'), { name: 'CredentialUnavailableError' });
    const credential = { getToken: () => Promise.reject(unavailable) };
    const error = await assertRefused(
      scene.adapter({ credential }).reader.manifest('iam', { tag: '1' }),
      'registry-unauthorized',
    );
    assert.equal(error.retry, 'yes');
    assert.match(error.remedy ?? '', /clientId/);
    const refused = Object.assign(new Error('AADSTS700016: not found'), { name: 'AuthenticationError' });
    const wrong = scene.adapter({ credential: { getToken: () => Promise.reject(refused) } });
    assert.equal(
      (await assertRefused(wrong.reader.manifest('iam', { tag: '1' }), 'registry-unauthorized')).retry,
      'no',
    );
  });

  test('shows the Entra token to nobody but the exchange', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', guarded(scene.wire, manifestAnswer));
    await read();
    const { token } = (await CREDENTIAL.getToken('')) ?? { token: '' };
    assert.ok(token.includes(SECRETS[0] ?? '?'));
    for (const one of scene.wire.seen) {
      const shown = JSON.stringify([one.headers, one.query, one.body]).includes('ENTRASECRET');
      assert.equal(shown, one.path === '/oauth2/exchange', one.path);
    }
  });
});
