/** The production credential, unchanged, against the managed-identity endpoint; what a worker of two environments holds. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { acrCredential } from '../../../src/adapters/registry/acr/credential.ts';
import { acrResourceId, createAcrReader } from '../../../src/adapters/registry/acr/create-acr.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { clientIdOf, type Emulated, registryOf, startEmulated } from './emulated.ts';

const IMAGE = sampleImage('identity');
const ENVIRONMENT = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'AZURE_TENANT_ID', 'AZURE_SUBSCRIPTION_ID'];

describe('when a worker takes its identity from its host', () => {
  let emulated: Emulated;
  const kept = ENVIRONMENT.map((name) => [name, process.env[name]] as const);
  before(async () => {
    emulated = await startEmulated({ importDurationMs: 1 });
    await emulated.push('iam', IMAGE, '1.0.0');
    Object.assign(process.env, emulated.emulator.hosts['worker-nonproduction']?.env);
  });
  after(async () => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await emulated.close();
  });

  test('acts as two identities in one process', async () => {
    const dev = emulated.acr('dev', 'worker-dev', { credential: acrCredential(clientIdOf('worker-dev')) });
    const staging = emulated.acr('staging', 'worker-staging', {
      credential: acrCredential(clientIdOf('worker-staging')),
    });
    assert.equal((await dev.reader.manifest('iam', { tag: '1.0.0' }))?.digest, IMAGE.manifestDigest);
    const request = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest, tag: '1.0.0' };
    await staging.importer.finish(await staging.importer.begin(request, NEVER), NEVER);
    await staging.locks.set({ repository: 'iam', tag: '1.0.0' }, { deletable: false, writable: false });
    const refused = emulated.acr('staging', 'worker-dev', { credential: acrCredential(clientIdOf('worker-dev')) });
    await assertRefused(refused.importer.begin(request, NEVER), 'registry-forbidden');
  });

  test('reads as the identity of the nodes', async () => {
    const { emulator } = emulated;
    const reader = createAcrReader({
      loginServer: emulator.registries.onestreamdev?.loginServer ?? '',
      resourceId: acrResourceId(registryOf('dev')),
      ca: readFileSync(emulator.caFile, 'utf8'),
      credential: acrCredential(clientIdOf('kubelet-dev')),
    });
    assert.equal((await reader.manifest('iam', { tag: '1.0.0' }))?.digest, IMAGE.manifestDigest);
    for (const { digest } of IMAGE.blobs) assert.equal(await reader.hasBlob('iam', digest), true);
  });

  test('without a client id acts as the default of the host', async () => {
    const dev = emulated.acr('dev', 'worker-dev', { credential: acrCredential() });
    assert.notEqual(await dev.reader.manifest('iam', { tag: '1.0.0' }), undefined);
  });

  test('says that the host may not act as somebody else, and shows no secret', async () => {
    const production = emulated.acr('prod', 'worker-production', {
      credential: acrCredential(clientIdOf('worker-production')),
    });
    const error = await assertRefused(production.reader.manifest('iam', { tag: '1' }), 'registry-unauthorized');
    assert.match(error.remedy ?? '', /clientId/);
    const header = emulated.emulator.hosts['worker-nonproduction']?.header ?? '?';
    assert.ok(!`${error.message} ${error.got ?? ''} ${error.stack ?? ''} ${JSON.stringify(error)}`.includes(header));
  });
});
