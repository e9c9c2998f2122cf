/** Registries as Azure resources, and the documents that `az` and MSAL read. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { resourceId, startProbe, SUBSCRIPTION, TENANT, type Probe } from './probe.ts';

describe('Azure Resource Manager', () => {
  let probe: Probe;
  before(async () => {
    probe = await startProbe();
  });
  after(() => probe.remove());

  async function get(identity: string, path: string): Promise<{ status: number; body: any }> {
    const answer = await probe.ask('arm', 'GET', path, { token: await probe.entra(identity) });
    return { status: answer.status, body: answer.json() };
  }

  test('shows a registry to those who may read it', async () => {
    const { status, body } = await get('worker-staging', `${resourceId('onestreamdev')}?api-version=2025-11-01`);
    assert.equal(status, 200);
    assert.equal(body.properties.loginServer, probe.loginServer('onestreamdev'));
    assert.equal(body.properties.adminUserEnabled, false);
    assert.equal(body.sku.name, 'Premium');
  });

  test('finds resources whatever the case of their id', async () => {
    assert.equal((await get('auditor', resourceId('onestreamprod').toUpperCase())).status, 200);
  });

  const refused: readonly (readonly [string, string, number, string])[] = [
    ['build', resourceId('onestreamdev'), 403, 'AuthorizationFailed'],
    ['worker-staging', resourceId('onestreamprod'), 403, 'AuthorizationFailed'],
    ['auditor', resourceId('onestreamdev').replace('onestream-dev-rg', 'other-rg'), 404, 'ResourceNotFound'],
    ['auditor', resourceId('onestreamqa'), 404, 'ResourceNotFound'],
    ['auditor', resourceId('onestreamdev').replace(SUBSCRIPTION, TENANT), 404, 'SubscriptionNotFound'],
    ['auditor', '/subscriptions/x/y/z', 404, 'NOT_FOUND'],
  ];
  for (const [identity, path, status, code] of refused) {
    test(`${identity} asking for ${path} gets ${status} ${code}`, async () => {
      const answer = await get(identity, path);
      assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    });
  }

  test('names the missing action, its scope and the client in a refusal', async () => {
    const { body } = await get('worker-staging', resourceId('onestreamprod'));
    assert.match(
      body.error.message,
      /'00000000-0000-4000-8000-000000000112'.*registries\/read' over scope '.*onestreamprod'/,
    );
  });

  test('wants a token, and one for its own audience', async () => {
    const bare = await probe.ask('arm', 'GET', '/subscriptions');
    assert.deepEqual([bare.status, bare.json().error.code], [401, 'AuthenticationFailed']);
    const token = await probe.entra('auditor', 'https://containerregistry.azure.net');
    const other = await probe.ask('arm', 'GET', '/subscriptions', { token });
    assert.deepEqual([other.status, other.json().error.code], [401, 'InvalidAuthenticationToken']);
    assert.match(other.headers['www-authenticate'] ?? '', /^Bearer authorization_uri=/);
  });

  test('takes its own address as audience, as the SDK asks for it without scopes', async () => {
    const token = await probe.entra('auditor', probe.emulator.resourceManager);
    assert.equal((await probe.ask('arm', 'GET', '/subscriptions', { token })).status, 200);
  });

  test('lists what the caller may read', async () => {
    const names = async (identity: string, path: string) =>
      (await get(identity, path)).body.value.map(({ name }: { name: string }) => name);
    const subscription = `/subscriptions/${SUBSCRIPTION}`;
    const filter = encodeURIComponent("resourceType eq 'Microsoft.ContainerRegistry/registries'");
    const all = ['onestreamdev', 'onestreamstaging', 'onestreamprod'];
    assert.deepEqual(await names('auditor', `${subscription}/resources?$filter=${filter}`), all);
    assert.deepEqual(await names('worker-staging', `${subscription}/resources?$filter=${filter}`), all.slice(0, 2));
    assert.deepEqual(await names('build', `${subscription}/resources?$filter=${filter}`), []);
    const other = encodeURIComponent("resourceType eq 'Microsoft.Storage/storageAccounts'");
    assert.deepEqual(await names('auditor', `${subscription}/resources?$filter=${other}`), []);
    const registries = 'providers/Microsoft.ContainerRegistry/registries';
    assert.deepEqual(await names('auditor', `${subscription}/${registries}`), all);
    assert.deepEqual(await names('auditor', `${subscription}/resourceGroups/onestream-prod-rg/${registries}`), [
      'onestreamprod',
    ]);
  });

  test('tells each caller its own permissions on a registry', async () => {
    const pathOf = (registry: string) =>
      `${resourceId(registry)}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
    const path = pathOf('onestreamprod');
    const { body } = await get('worker-production', path);
    const actions = body.value.flatMap((entry: any) => entry.actions);
    const dataActions = body.value.flatMap((entry: any) => entry.dataActions);
    assert.ok(actions.includes('Microsoft.ContainerRegistry/registries/importImage/action'));
    assert.ok(dataActions.includes('Microsoft.ContainerRegistry/registries/repositories/metadata/write'));
    const source = (await get('worker-production', pathOf('onestreamstaging'))).body;
    const there = source.value.flatMap((entry: any) => entry.dataActions);
    const isWriting = (action: string) => /\/(?:write|delete)$/.test(action);
    assert.deepEqual([there.length > 0, there.filter(isWriting)], [true, []]);
    assert.deepEqual((await get('build', path)).body.value, []);
  });

  test('describes itself and its login service to tools', async () => {
    const cloud = (await probe.ask('arm', 'GET', '/metadata/endpoints?api-version=2022-09-01')).json();
    assert.equal(cloud.resourceManager, probe.emulator.resourceManager);
    assert.equal(cloud.authentication.loginEndpoint, probe.emulator.resourceManager);
    const openid = (await probe.ask('arm', 'GET', `/${TENANT}/v2.0/.well-known/openid-configuration`)).json();
    assert.equal(openid.token_endpoint, `${probe.emulator.resourceManager}/${TENANT}/oauth2/v2.0/token`);
    const { keys } = (await probe.ask('arm', 'GET', new URL(openid.jwks_uri).pathname)).json();
    assert.deepEqual(
      Object.keys(keys[0]).filter((name) => ['d', 'k', 'p'].includes(name)),
      [],
    );
  });
});

describe('the managed-identity endpoint', () => {
  let probe: Probe;
  before(async () => {
    probe = await startProbe();
  });
  after(() => probe.remove());

  const table: readonly (readonly [string, string, string | undefined, number, string?])[] = [
    // title, host, client id, status, client id in the token
    ['gives the host’s first identity by default', 'worker-nonproduction', undefined, 200, '111'],
    ['gives the identity that is asked for', 'worker-nonproduction', '122', 200, '122'],
    ['refuses an identity of another host', 'worker-nonproduction', '113', 400],
    ['gives production’s identities to production’s host', 'worker-production', '113', 200, '113'],
    ['gives the nodes no worker identity', 'nodes', '113', 400],
    ['refuses a host that does not exist', 'guessed', undefined, 401],
  ];
  for (const [title, host, digits, status, expected] of table) {
    test(title, async () => {
      const clientId = (tail: string): string => `00000000-0000-4000-8000-000000000${tail}`;
      const query = new URLSearchParams({ 'api-version': '2019-08-01', resource: 'https://management.azure.com/' });
      if (digits !== undefined) query.set('client_id', clientId(digits));
      const header = probe.emulator.hosts[host]?.header ?? 'guess';
      const answer = await fetch(`${probe.emulator.identityEndpoint}?${query}`, {
        headers: { 'x-identity-header': header },
      });
      assert.equal(answer.status, status);
      const body: any = await answer.json();
      if (expected === undefined) return;
      const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString('utf8'));
      assert.equal(claims.appid, clientId(expected));
      assert.equal(body.token_type, 'Bearer');
      assert.ok(Number(body.expires_on) > Date.now() / 1000);
    });
  }

  for (const query of ['resource=x', 'api-version=2019-08-01', 'api-version=2018-02-01&resource=x']) {
    test(`refuses the query ${query}`, async () => {
      const headers = { 'x-identity-header': probe.emulator.hosts['pipeline']?.header ?? '' };
      assert.equal((await fetch(`${probe.emulator.identityEndpoint}?${query}`, { headers })).status, 400);
    });
  }
});
