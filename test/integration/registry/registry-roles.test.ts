/** One trust zone per environment: what each identity may not do, and what it is told. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PortError } from '../../../src/ports/port-error.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { importInto, NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { type Emulated, type Stage, startEmulated } from './emulated.ts';

const IMAGE = sampleImage('roles');
const SHUT = { deletable: false, writable: false };

describe('when an identity does what it must not', () => {
  let emulated: Emulated;
  before(async () => {
    emulated = await startEmulated({ importDurationMs: 1 });
    await emulated.push('iam', IMAGE, '1.0.0');
    await importInto(emulated.subject(), 'iam', IMAGE.manifestDigest, '1.0.0');
  });
  after(() => emulated.close());

  function namesRole(error: PortError, role: RegExp, registry: string): void {
    assert.equal(error.retry, 'no');
    assert.match(error.remedy ?? '', role);
    assert.ok(error.remedy?.includes(`/registries/${registry}`), error.remedy);
  }

  for (const [stage, identities] of [
    ['prod', ['kubelet-production']],
    ['staging', ['kubelet-staging', 'worker-production']],
    ['dev', ['worker-staging', 'kubelet-dev']],
  ] as const satisfies readonly (readonly [Stage, readonly string[]])[]) {
    for (const identity of identities) {
      test(`${identity} cannot push to ${stage}`, async () => {
        const error = await assertRefused(
          emulated.acr(stage, identity).publisher.publish('iam', sampleImage(`pushed by ${identity}`)),
          'registry-forbidden',
        );
        const role =
          /'(AcrPush|AcrPull)' \(with repository permissions: 'Container Registry Repository (Writer|Reader)'\)/;
        namesRole(error, role, `onestream${stage}`);
      });
    }
  }

  for (const identity of ['build', 'worker-dev', 'worker-staging', 'kubelet-staging']) {
    test(`${identity} has no business in production, and is told which role it would take`, async () => {
      const acr = emulated.acr('prod', identity);
      for (const call of [
        () => acr.reader.manifest('iam', { tag: '1.0.0' }),
        () => acr.publisher.publish('iam', sampleImage('x')),
        () => acr.locks.read({ repository: 'iam', tag: '1.0.0' }),
      ]) {
        namesRole(await assertRefused(call(), 'registry-unauthorized'), /'AcrPull'|'AcrPush'/, 'onestreamprod');
      }
    });
  }

  test('nothing of it reached a registry', () => {
    const pushed = emulated.emulator
      .effects()
      .filter((one) => one.effect === 'manifest-put' && one.identity !== 'build');
    assert.deepEqual(
      pushed.filter((one) => one.operation === undefined),
      [],
    );
  });

  test('a node may pull its own image and nothing else', async () => {
    const node = emulated.acr('staging', 'kubelet-staging');
    assert.equal((await node.reader.manifest('iam', { tag: '1.0.0' }))?.digest, IMAGE.manifestDigest);
    for (const { digest } of IMAGE.blobs) assert.equal(await node.reader.hasBlob('iam', digest), true);
    const digest = IMAGE.manifestDigest;
    const refused = [
      () => node.locks.set({ repository: 'iam', digest }, SHUT),
      () => node.remover.deleteManifest('iam', digest),
      () => node.importer.begin({ source: 'dev', repository: 'iam', digest }, NEVER),
    ];
    for (const one of refused) {
      namesRole(await assertRefused(one(), 'registry-forbidden'), /Registry|Acr/, 'onestreamstaging');
    }
  });

  test('a worker may not import into another environment', async () => {
    const request = { source: 'staging', repository: 'iam', digest: IMAGE.manifestDigest };
    const error = await assertRefused(
      emulated.acr('prod', 'worker-staging').importer.begin(request, NEVER),
      'registry-forbidden',
    );
    namesRole(error, /Container Registry Data Importer and Data Reader/, 'onestreamprod');
  });

  test('production cannot import from dev, and is told that the source refused', async () => {
    const request = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest };
    const error = await assertRefused(
      emulated.acr('prod', 'worker-production').importer.begin(request, NEVER),
      'registry-forbidden',
    );
    namesRole(error, /Container Registry Data Importer and Data Reader|Reader/, 'onestreamdev');
    assert.match(error.message, /the source/);
  });

  test('production imports from staging, locks, unlocks and removes', async () => {
    const { importer, locks, remover, reader } = emulated.acr('prod', 'worker-production');
    const digest = IMAGE.manifestDigest;
    const request = { source: 'staging', repository: 'iam', digest, tag: '1.0.0' };
    await importer.finish(await importer.begin(request, NEVER), NEVER);
    await locks.set({ repository: 'iam', digest }, SHUT);
    await assertRefused(remover.deleteManifest('iam', digest), 'image-locked');
    await locks.set({ repository: 'iam', digest }, { deletable: true, writable: true });
    await remover.deleteManifest('iam', digest);
    assert.equal(await reader.manifest('iam', digest), undefined);
  });

  test('a registry that does not exist is a mistake in the configuration', async () => {
    const acr = emulated.acr('staging', 'worker-staging', { name: 'onestreamstagin' });
    const request = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest };
    const error = await assertRefused(acr.importer.begin(request, NEVER), 'config-invalid');
    assert.match(error.remedy ?? '', /registry\.acr/);
  });
});
