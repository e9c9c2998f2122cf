/** The Azure CLI, unmodified: the commands of the release guide, as a worker's service principal. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resourceId, startProbe, TENANT, type Probe, type Pushed } from '../integration/acr-emulator/probe.ts';
import { ClientProgram, skipWithout } from './program.ts';

const STAGING = ['--name', 'onestreamstaging'];

describe('az', { skip: skipWithout('az') }, () => {
  let probe: Probe;
  let az: ClientProgram;
  let config: string;
  let image: Pushed;
  let source: string;
  before(async () => {
    // Without a Retry-After the CLI polls an import every 30 s.
    probe = await startProbe({ importRetryAfterSeconds: 1 });
    config = mkdtempSync(join(tmpdir(), 'az-config-'));
    az = new ClientProgram('az', probe, {
      AZURE_CONFIG_DIR: config,
      REQUESTS_CA_BUNDLE: probe.emulator.caFile,
      AZURE_CORE_INSTANCE_DISCOVERY: 'false',
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
      AZURE_CORE_NO_COLOR: 'true',
    });
    image = await probe.pushImage('iam', '1.0.0', 'for az');
    source = `${probe.loginServer('onestreamdev')}/iam@${image.digest}`;
    await az.output(
      'cloud',
      'register',
      '--name',
      'local',
      '--endpoint-resource-manager',
      probe.emulator.resourceManager,
    );
    await az.output('cloud', 'set', '--name', 'local');
    await login('worker-staging');
  });
  after(async () => {
    az?.remove();
    rmSync(config, { recursive: true, force: true });
    await probe.remove();
  });

  async function login(identity: string): Promise<any> {
    const { clientId, secret } = probe.credentials(identity);
    const args = ['login', '--service-principal', '--username', clientId, '--password', secret, '--tenant', TENANT];
    return JSON.parse(await az.output(...args));
  }

  test('logs in as a service principal and sees the subscription', async () => {
    const [subscription] = await login('worker-staging');
    assert.equal(subscription.tenantId ?? subscription.homeTenantId, TENANT);
    assert.equal(subscription.state, 'Enabled');
  });

  test('imports by digest, by address or by resource id, and never over an existing tag', async () => {
    await az.output('acr', 'import', ...STAGING, '--source', source, '--image', 'iam:1.0.0');
    const again = await az.run('acr', 'import', ...STAGING, '--source', source, '--image', 'iam:1.0.0');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /\(Conflict\).*Tag iam:1\.0\.0 already exists in target registry/);
    const byId = ['--registry', resourceId('onestreamdev'), '--source', `iam@${image.digest}`];
    await az.output('acr', 'import', ...STAGING, ...byId, '--repository', 'iam');
    const completed = probe.emulator.effects().filter(({ effect }) => effect === 'import-completed');
    assert.deepEqual(
      completed.map(({ targets }) => targets),
      [['iam:1.0.0'], ['iam']],
    );
  });

  test('cannot import into a registry of another environment', async () => {
    const { code } = await az.run(
      'acr',
      'import',
      '--name',
      'onestreamprod',
      '--source',
      source,
      '--image',
      'iam:1.0.0',
    );
    assert.notEqual(code, 0);
    assert.ok(!probe.emulator.effects().some(({ registry }) => registry === 'onestreamprod'));
  });

  test('shows, locks and unlocks an image by digest and by tag', async () => {
    for (const reference of [`iam@${image.digest}`, 'iam:1.0.0']) {
      const show = async () =>
        JSON.parse(await az.output('acr', 'repository', 'show', ...STAGING, '--image', reference));
      assert.equal((await show()).digest, image.digest);
      const flags = (enabled: string) => ['--write-enabled', enabled, '--delete-enabled', enabled];
      await az.output('acr', 'repository', 'update', ...STAGING, '--image', reference, ...flags('false'));
      assert.deepEqual((await show()).changeableAttributes, {
        deleteEnabled: false,
        listEnabled: true,
        readEnabled: true,
        writeEnabled: false,
      });
      const removal = await az.run(
        'acr',
        'repository',
        'delete',
        ...STAGING,
        '--image',
        `iam@${image.digest}`,
        '--yes',
      );
      assert.match(removal.stderr, /The operation is disallowed on this registry, repository or image/);
      await az.output('acr', 'repository', 'update', ...STAGING, '--image', reference, ...flags('true'));
    }
  });

  test('lists the metadata of manifests', async () => {
    const args = ['acr', 'manifest', 'list-metadata', '--registry', 'onestreamstaging', '--name', 'iam'];
    const manifests = JSON.parse(await az.output(...args));
    assert.deepEqual(
      manifests.map((m: any) => [m.digest, m.tags]),
      [[image.digest, ['1.0.0']]],
    );
  });

  test('untags and deletes', async () => {
    await az.output('acr', 'repository', 'untag', ...STAGING, '--image', 'iam:1.0.0');
    await az.output('acr', 'repository', 'delete', ...STAGING, '--image', `iam@${image.digest}`, '--yes');
    assert.deepEqual(JSON.parse(await az.output('acr', 'repository', 'list', ...STAGING)), []);
  });

  test('gets a registry token that Docker clients can use', async () => {
    const { refreshToken } = JSON.parse(await az.output('acr', 'login', ...STAGING, '--expose-token'));
    const basic = Buffer.from(`00000000-0000-0000-0000-000000000000:${refreshToken}`).toString('base64');
    const service = probe.loginServer('onestreamstaging');
    const path = `/oauth2/token?service=${service}&scope=repository:iam:pull`;
    const answer = await probe.ask('onestreamstaging', 'GET', path, { headers: { authorization: `Basic ${basic}` } });
    assert.equal(answer.status, 200);
  });
});
