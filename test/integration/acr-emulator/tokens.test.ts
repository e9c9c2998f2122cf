/** The token flow of ACR, step by step, and everything that must not get through it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { codeOf, sha256, startProbe, TENANT, type Answer, type Probe } from './probe.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const MISSING = `sha256:${'0'.repeat(64)}`;

describe('the token flow', () => {
  let probe: Probe;
  before(async () => {
    probe = await startProbe();
    await probe.pushImage('iam', '1', 'tokens');
  });
  after(() => probe.remove());

  function exchange(registry: string, entra: string): Promise<Answer> {
    const service = probe.loginServer(registry);
    const body = new URLSearchParams({ grant_type: 'access_token', service, access_token: entra }).toString();
    return probe.ask(registry, 'POST', '/oauth2/exchange?api-version=2021-07-01', { headers: FORM, body });
  }

  function refresh(registry: string, token: string, scope: string): Promise<Answer> {
    const service = probe.loginServer(registry);
    const body = new URLSearchParams({ grant_type: 'refresh_token', service, scope, refresh_token: token }).toString();
    return probe.ask(registry, 'POST', '/oauth2/token', { headers: FORM, body });
  }

  function claims(token: string): any {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  }

  test('goes from an Entra token over a refresh token to an access token with the asked scope', async () => {
    const exchanged = await exchange('onestreamdev', await probe.entra('build', 'https://containerregistry.azure.net'));
    const refreshToken = exchanged.json().refresh_token;
    assert.equal(claims(refreshToken).grant_type, 'refresh_token');
    assert.equal(typeof claims(refreshToken).exp, 'number');
    const token = (await refresh('onestreamdev', refreshToken, 'repository:iam:pull,delete')).json().access_token;
    const read = claims(token);
    assert.equal(read.iss, 'Azure Container Registry');
    assert.equal(read.aud, probe.loginServer('onestreamdev'));
    // `delete` is asked for, but the build identity has no right to it.
    assert.deepEqual(read.access, [{ type: 'repository', name: 'iam', actions: ['pull'] }]);
  });

  test('accepts a token for Azure Resource Manager too, as ACR does by default', async () => {
    assert.equal((await exchange('onestreamdev', await probe.entra('build'))).status, 200);
  });

  test('challenges a request without token with service and scope', async () => {
    const answer = await probe.ask('onestreamdev', 'GET', '/acr/v1/iam');
    assert.equal(answer.status, 401);
    const host = probe.loginServer('onestreamdev');
    assert.equal(
      answer.headers['www-authenticate'],
      `Bearer realm="https://${host}/oauth2/token",service="${host}",scope="repository:iam:metadata_read"`,
    );
    const [error] = answer.json().errors;
    assert.equal(error.code, 'UNAUTHORIZED');
    assert.deepEqual(error.detail, [{ Type: 'repository', Name: 'iam', Action: 'metadata_read' }]);
  });

  test('names each action that a push needs', async () => {
    const answer = await probe.ask('onestreamdev', 'PUT', '/v2/iam/manifests/2', { body: '{}' });
    assert.match(answer.headers['www-authenticate'] ?? '', /scope="repository:iam:pull,push"/);
    assert.deepEqual(
      answer.json().errors[0].detail.map(({ Action }: { Action: string }) => Action),
      ['pull', 'push'],
    );
  });

  test('calls a token of another scope insufficient, and a broken one invalid', async () => {
    const other = await probe.token('build', 'onestreamdev', 'repository:other:pull');
    const scoped = await probe.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token: other });
    assert.equal(scoped.status, 401);
    assert.match(scoped.headers['www-authenticate'] ?? '', /error="insufficient_scope"/);
    const broken = await probe.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token: `${other}x` });
    assert.equal(broken.status, 401);
    assert.match(broken.headers['www-authenticate'] ?? '', /error="invalid_token"/);
  });

  test('a token of one registry is worth nothing at another', async () => {
    const token = await probe.token('auditor', 'onestreamdev', 'repository:iam:pull');
    const answer = await probe.ask('onestreamprod', 'GET', '/v2/iam/manifests/1', { token });
    assert.match(answer.headers['www-authenticate'] ?? '', /error="invalid_token"/);
    const refreshToken = (await exchange('onestreamdev', await probe.entra('auditor'))).json().refresh_token;
    assert.equal((await refresh('onestreamprod', refreshToken, 'repository:iam:pull')).status, 401);
  });

  test('a refresh token opens no data route, an Entra token none either', async () => {
    const entra = await probe.entra('build');
    const refreshToken = (await exchange('onestreamdev', entra)).json().refresh_token;
    for (const token of [entra, refreshToken]) {
      assert.equal((await probe.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token })).status, 401);
    }
    assert.equal((await exchange('onestreamdev', refreshToken)).status, 401);
    const access = await probe.token('build', 'onestreamdev', 'repository:iam:pull');
    assert.equal((await refresh('onestreamdev', access, 'repository:iam:pull')).status, 401);
  });

  test('an identity without any role gets no refresh token', async () => {
    const answer = await exchange('onestreamprod', await probe.entra('build'));
    assert.deepEqual([answer.status, codeOf(answer)], [401, 'UNAUTHORIZED']);
  });

  test('an Entra token for another audience is refused', async () => {
    assert.equal((await exchange('onestreamdev', await probe.entra('build', 'https://vault.azure.net'))).status, 401);
  });

  test('a token expires', async () => {
    const brief = await startProbe({ tokenLifetimes: { access: -1 } });
    const token = await brief.token('build', 'onestreamdev', 'repository:iam:pull');
    const answer = await brief.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token });
    await brief.remove();
    assert.match(answer.headers['www-authenticate'] ?? '', /error="invalid_token"/);
  });

  test('anonymous callers get a token that opens nothing', async () => {
    const service = probe.loginServer('onestreamdev');
    const body = new URLSearchParams({ grant_type: 'password', service, scope: 'repository:iam:pull,push' }).toString();
    const token = (await probe.ask('onestreamdev', 'POST', '/oauth2/token', { headers: FORM, body })).json()
      .access_token;
    for (const [method, path] of [
      ['GET', '/v2/iam/manifests/1'],
      ['POST', '/v2/iam/blobs/uploads/'],
    ] as const) {
      const answer = await probe.ask('onestreamdev', method, path, { token });
      assert.equal(answer.status, 401);
      assert.match(answer.headers['www-authenticate'] ?? '', /error="insufficient_scope"/);
    }
  });

  const wrongSecrets: readonly (readonly [string, string, string])[] = [
    ['a wrong secret', '00000000-0000-4000-8000-000000000101', 'wrong'],
    ['an unknown user', 'admin', 'admin'],
    ['an empty secret', '00000000-0000-4000-8000-000000000101', ''],
    ['a token user without token', '00000000-0000-0000-0000-000000000000', 'x.y.z'],
  ];
  for (const [title, user, password] of wrongSecrets) {
    test(`${title} is refused`, async () => {
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const path = `/oauth2/token?service=${probe.loginServer('onestreamdev')}&scope=repository:iam:pull`;
      assert.equal((await probe.ask('onestreamdev', 'GET', path, { headers: { authorization } })).status, 401);
    });
  }

  for (const scope of ['iam', 'repository:iam', 'repository::pull', 'repository:iam:pull:x']) {
    test(`the scope ${JSON.stringify(scope)} is refused as malformed`, async () => {
      const refreshToken = (await exchange('onestreamdev', await probe.entra('build'))).json().refresh_token;
      assert.equal((await refresh('onestreamdev', refreshToken, scope)).status, 400);
    });
  }

  test('the login endpoint knows its tenant, its applications and their secrets', async () => {
    const { clientId, secret } = probe.credentials('build');
    const good = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'https://x/.default',
    };
    const table: readonly (readonly [string, object, number, string | undefined])[] = [
      [TENANT, {}, 200, undefined],
      ['00000000-0000-4000-8000-00000000ffff', {}, 400, 'invalid_request'],
      [TENANT, { client_id: 'x' }, 400, 'unauthorized_client'],
      [TENANT, { client_secret: 'x' }, 401, 'invalid_client'],
      [TENANT, { grant_type: 'password' }, 400, 'unsupported_grant_type'],
      [TENANT, { scope: 'openid' }, 400, 'invalid_scope'],
    ];
    for (const [tenant, change, status, code] of table) {
      const body = new URLSearchParams({ ...good, ...change }).toString();
      const answer = await probe.ask('arm', 'POST', `/${tenant}/oauth2/v2.0/token`, { headers: FORM, body });
      assert.deepEqual([answer.status, answer.json().error], [status, code]);
    }
  });
});

describe('rights on the data plane', () => {
  let probe: Probe;
  before(async () => {
    probe = await startProbe();
    const image = await probe.pushImage('iam', '1', 'rights');
    const moved = await probe.importToStaging('iam', image.digest, { targetTags: ['iam:1'] });
    assert.equal(moved.status, 200);
  });
  after(() => probe.remove());

  const table: readonly (readonly [string, string, string, string, string, number])[] = [
    // identity, registry, scope asked, method, path, status
    ['kubelet-staging', 'onestreamstaging', 'pull', 'GET', '/v2/iam/manifests/1', 200],
    ['kubelet-staging', 'onestreamstaging', 'pull,push', 'POST', '/v2/iam/blobs/uploads/', 403],
    ['kubelet-staging', 'onestreamstaging', 'metadata_write', 'PATCH', '/acr/v1/iam/_tags/1', 403],
    ['kubelet-staging', 'onestreamstaging', 'delete', 'DELETE', '/acr/v1/iam/_tags/1', 403],
    ['worker-staging', 'onestreamdev', 'pull,push', 'POST', '/v2/iam/blobs/uploads/', 403],
    ['worker-staging', 'onestreamdev', 'pull,push', 'PUT', '/v2/iam/manifests/2', 403],
    ['worker-staging', 'onestreamdev', 'metadata_write', 'PATCH', '/acr/v1/iam', 403],
    ['worker-production', 'onestreamstaging', 'pull,push', 'PUT', '/v2/iam/manifests/2', 403],
    ['worker-production', 'onestreamstaging', 'delete', 'DELETE', `/v2/iam/manifests/${MISSING}`, 403],
    ['build', 'onestreamdev', 'delete', 'DELETE', `/v2/iam/manifests/${MISSING}`, 403],
    ['auditor', 'onestreamstaging', 'metadata_read', 'GET', '/acr/v1/iam/_tags', 200],
  ];
  for (const [identity, registry, actions, method, path, status] of table) {
    test(`${identity}: ${method} ${path} at ${registry} is answered ${status}`, async () => {
      const token = await probe.token(identity, registry, `repository:iam:${actions}`);
      const answer = await probe.ask(registry, method, path, { token, ...(method === 'GET' ? {} : { body: '{}' }) });
      assert.equal(answer.status, status);
      if (status === 403) assert.equal(codeOf(answer), 'DENIED');
    });
  }

  test('a refused change is in the log of effects, with who tried it', () => {
    const refused = probe.emulator
      .effects()
      .filter(({ effect, identity }) => effect === 'refused' && identity === 'worker-production');
    assert.deepEqual(
      refused.map(({ registry, request, status, code }) => [registry, request, status, code]),
      [
        ['onestreamstaging', 'PUT /v2/iam/manifests/2', 403, 'DENIED'],
        ['onestreamstaging', `DELETE /v2/iam/manifests/${MISSING}`, 403, 'DENIED'],
      ],
    );
  });

  test('an identity with the right but not in its token is asked for a better token', async () => {
    const token = await probe.token('build', 'onestreamdev', 'repository:iam:pull');
    const answer = await probe.ask('onestreamdev', 'PUT', '/v2/iam/manifests/2', { token, body: '{}' });
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'] ?? '', /error="insufficient_scope"/);
  });

  test('a mount needs the right to read where the blob is', async () => {
    const secret = 'content of another repository';
    const push = await probe.token('build', 'onestreamdev', 'repository:private:pull,push');
    await probe.pushBlob('private', secret, push);
    const path = `/v2/public/blobs/uploads/?mount=${sha256(secret)}&from=private`;
    const narrow = await probe.token('build', 'onestreamdev', 'repository:public:pull,push');
    assert.equal((await probe.ask('onestreamdev', 'POST', path, { token: narrow })).status, 202);
    const wide = await probe.token('build', 'onestreamdev', 'repository:public:pull,push', 'repository:private:pull');
    assert.equal((await probe.ask('onestreamdev', 'POST', path, { token: wide })).status, 201);
  });
});
