/** The Azure SDKs, unchanged, as the production adapter uses them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ContainerRegistryManagementClient, restorePoller } from '@azure/arm-containerregistry';
import { ContainerRegistryClient, ContainerRegistryContentClient } from '@azure/container-registry';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { type Probe, resourceId, startProbe, SUBSCRIPTION, TENANT } from './probe.ts';

const WORKER_STAGING = '00000000-0000-4000-8000-000000000112';

describe('the Azure SDKs against the emulator', () => {
  let probe: Probe;
  let ca: string;

  before(async () => {
    probe = await startProbe({ importDurationMs: 100 });
    ca = readFileSync(probe.emulator.caFile, 'utf8');
    // ManagedIdentityCredential reads the App Service variables from the environment only.
    Object.assign(process.env, probe.emulator.hosts['worker-nonproduction']?.env);
  });
  after(() => probe.remove());

  function credential(clientId?: string): ManagedIdentityCredential {
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }

  function clientSecret(identity: string): ClientSecretCredential {
    const { clientId, secret } = probe.credentials(identity);
    return new ClientSecretCredential(TENANT, clientId, secret, {
      authorityHost: probe.emulator.resourceManager,
      disableInstanceDiscovery: true,
      tlsOptions: { ca },
    });
  }

  function management(clientId: string): ContainerRegistryManagementClient {
    return new ContainerRegistryManagementClient(credential(clientId), SUBSCRIPTION, {
      endpoint: probe.emulator.resourceManager,
      tlsOptions: { ca },
      credentials: { scopes: ['https://management.azure.com/.default'] },
    });
  }

  test('a managed identity is the one asked for, or the host’s first', async () => {
    for (const [clientId, expected] of [
      [undefined, '00000000-0000-4000-8000-000000000111'],
      [WORKER_STAGING, WORKER_STAGING],
    ] as const) {
      const token = await credential(clientId).getToken('https://management.azure.com/.default');
      const claims = JSON.parse(Buffer.from(token.token.split('.')[1] ?? '', 'base64url').toString('utf8'));
      assert.equal(claims.appid, expected);
      assert.equal(claims.aud, 'https://management.azure.com');
    }
  });

  test('an identity of another host is refused', async () => {
    await assert.rejects(
      credential('00000000-0000-4000-8000-000000000113').getToken('https://management.azure.com/.default'),
    );
  });

  test('a client secret gets a token from the login endpoint', async () => {
    const token = await clientSecret('auditor').getToken('https://containerregistry.azure.net/.default');
    assert.ok(token.expiresOnTimestamp > Date.now());
  });

  test('an import goes on in another client by its serialised poller, with one POST', async () => {
    const image = await probe.pushImage('iam', '1.0.0', 'sdk import');
    const first = management(WORKER_STAGING);
    const poller = first.registries.importImage(
      'onestream-staging-rg',
      'onestreamstaging',
      {
        source: { resourceId: resourceId('onestreamdev'), sourceImage: `iam@${image.digest}` },
        targetTags: ['iam:1.0.0'],
        mode: 'NoForce',
      },
      { updateIntervalInMs: 20 },
    );
    await poller.submitted();
    const state = await poller.serialize();
    const second = management(WORKER_STAGING);
    await restorePoller(second, state, second.registries.importImage, { updateIntervalInMs: 20 }).pollUntilDone();

    const accepted = probe.emulator.effects().filter(({ effect }) => effect === 'import-accepted');
    assert.equal(accepted.length, 1);
    assert.equal(accepted[0]?.identity, 'worker-staging');
    const content = new ContainerRegistryContentClient(
      `https://${probe.loginServer('onestreamstaging')}`,
      'iam',
      credential(WORKER_STAGING),
      { tlsOptions: { ca } },
    );
    const manifest = await content.getManifest('1.0.0');
    assert.equal(manifest.digest, image.digest);
  });

  test('a failed poll carries ARM’s code and status', async () => {
    const image = await probe.pushImage('iam', 'conflict', 'sdk conflict');
    const registries = management(WORKER_STAGING).registries;
    const source = { resourceId: resourceId('onestreamdev'), sourceImage: `iam@${image.digest}` };
    const order = { source, targetTags: ['iam:conflict'] };
    const again = () =>
      registries.importImage('onestream-staging-rg', 'onestreamstaging', order, { updateIntervalInMs: 20 });
    await again();
    await assert.rejects(async () => again(), { code: 'Conflict', statusCode: 409 });
  });

  test('attributes, tags and manifests are read, locked and removed', async () => {
    const image = await probe.pushImage('locks', '1', 'sdk locks');
    const moved = await probe.importToStaging('locks', image.digest, { targetTags: ['locks:1'] });
    assert.equal(moved.status, 200);
    const registry = new ContainerRegistryClient(
      `https://${probe.loginServer('onestreamstaging')}`,
      credential(WORKER_STAGING),
      { tlsOptions: { ca } },
    );
    const artifact = registry.getArtifact('locks', image.digest);
    assert.equal((await artifact.getManifestProperties()).canDelete, true);
    const locked = await artifact.updateManifestProperties({ canDelete: false, canWrite: false });
    assert.deepEqual([locked.canDelete, locked.canWrite, locked.canRead], [false, false, true]);
    await assert.rejects(artifact.delete(), { statusCode: 405 });
    await artifact.updateManifestProperties({ canDelete: true, canWrite: true });
    const tag = await registry.getArtifact('locks', '1').updateTagProperties('1', { canWrite: false });
    assert.deepEqual([tag.canWrite, tag.digest], [false, image.digest]);
    await registry.getArtifact('locks', '1').updateTagProperties('1', { canWrite: true });
    const tags: string[] = [];
    for await (const { name } of artifact.listTagProperties()) tags.push(name);
    assert.deepEqual(tags, ['1']);
    await registry.getArtifact('locks', '1').deleteTag('1');
    await artifact.delete();
    await artifact.delete();
    await assert.rejects(artifact.getManifestProperties(), { statusCode: 404 });
  });

  test('content is pushed in chunks and read back by the identity that may push', async () => {
    const client = new ContainerRegistryContentClient(
      `https://${probe.loginServer('onestreamdev')}`,
      'team/sdk',
      // Not a managed identity: MSAL keeps the first host it saw for the whole process.
      clientSecret('build'),
      { tlsOptions: { ca } },
    );
    // More than the 4 MiB of one chunk, so that the upload goes on at a second location.
    const layer = Buffer.alloc(5 * 1024 * 1024, 7);
    const uploaded = await client.uploadBlob(layer);
    assert.equal(uploaded.sizeInBytes, layer.length);
    const config = await client.uploadBlob(Buffer.from('{}'));
    const pushed = await client.setManifest(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config.digest, size: 2 },
        layers: [{ mediaType: 'application/octet-stream', digest: uploaded.digest, size: layer.length }],
      },
      { tag: 'big' },
    );
    assert.equal((await client.getManifest('big')).digest, pushed.digest);
  });
});
