/** Attaching a record to an image that is locked, with the identity of the environment's own worker, in a registry that may refuse it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createMemorySigner } from '../../../src/adapters/record-signer/memory.ts';
import { recordArtefact, toBeSigned } from '../../../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { statementBytes } from '../../../src/evidence/record-statement.ts';
import type { Artefact } from '../../../src/ports/artefact-publisher.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { aStatement, AT } from '../../unit/evidence/sample.ts';
import { type Emulated, startEmulated } from './emulated.ts';

const IMAGE = sampleImage('promoted and locked');
const SHUT = { deletable: false, writable: false };
const KEPT = { deletable: false, writable: true };

describe('when a record comes after the lock', () => {
  let emulated: Emulated;
  before(async () => {
    emulated = await startEmulated({ importDurationMs: 1 });
    await emulated.push('iam', IMAGE, '1.0.0');
    for (const [stage, identity, source] of [
      ['staging', 'worker-staging', 'dev'],
      ['prod', 'worker-production', 'staging'],
    ] as const) {
      const { importer } = emulated.acr(stage, identity);
      const request = { source, repository: 'iam', digest: IMAGE.manifestDigest, tag: '1.0.0' };
      await importer.finish(await importer.begin(request, NEVER), NEVER);
    }
  });
  after(() => emulated.close());

  async function aRecord(): Promise<Artefact> {
    const { reader } = emulated.acr('prod', 'worker-production');
    const bytes = statementBytes(aStatement({ registry: reader.host, digest: IMAGE.manifestDigest }));
    const signature = await createMemorySigner().signer.sign(toBeSigned(bytes));
    const held = (await reader.manifest('iam', IMAGE.manifestDigest)) ?? assert.fail('no image');
    return recordArtefact(held, bytes, PROMOTION_PREDICATE, signature, AT);
  }

  test('a registry that refuses it says that the image is locked; opened for writing it takes it, and all of it can be kept', async () => {
    const { publisher, locks, reader, remover } = emulated.acr('prod', 'worker-production');
    const image = { repository: 'iam', digest: IMAGE.manifestDigest };
    await locks.set(image, SHUT);
    emulated.emulator.faults.set({
      fault: 'status',
      status: 405,
      code: 'REGISTRY_DISALLOWED_OPERATION',
      match: { registry: 'onestreamprod', method: 'PUT', path: '/manifests/' },
      times: 1,
    });
    const record = await aRecord();
    await assertRefused(publisher.publish('iam', record), 'image-locked');
    await locks.set(image, KEPT);
    await assertRefused(remover.deleteManifest('iam', IMAGE.manifestDigest), 'image-locked');
    await publisher.publish('iam', record);
    await locks.set(image, SHUT);
    await locks.set({ repository: 'iam', digest: record.manifestDigest }, KEPT);
    const referrers = await reader.referrers('iam', IMAGE.manifestDigest);
    const found = referrers.find((one) => one.digest === record.manifestDigest);
    assert.equal(found?.annotations?.['dev.sigstore.bundle.predicateType'], PROMOTION_PREDICATE);
    await assertRefused(remover.deleteManifest('iam', record.manifestDigest), 'image-locked');
  });

  test('nobody else can attach one there: not the worker of another environment, not a node, not the pipeline', async () => {
    const record = await aRecord();
    for (const [identity, code] of [
      ['worker-staging', 'registry-unauthorized'],
      ['kubelet-production', 'registry-forbidden'],
      ['build', 'registry-unauthorized'],
    ] as const)
      await assertRefused(emulated.acr('prod', identity).publisher.publish('iam', record), code);
  });
});
