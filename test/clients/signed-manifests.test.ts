/** Manifests signed by the real `cosign`, in the emulated registries, judged by an environment's own activities. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Zone } from '../../activities/index.ts';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { StepRequest } from '../../src/contract/activities.ts';
import { parseDigest } from '../../src/domain/digest.ts';
import { COMMON_SIGNATURES } from '../../src/domain/proof.ts';
import type { Rulebook } from '../../src/domain/rulebook.ts';
import { MANIFEST_MEDIA_TYPE, packManifests } from '../../src/manifests/artefact.ts';
import { Probe } from '../integration/acr-emulator/probe.ts';
import { type Emulated, startEmulated } from '../integration/registry/emulated.ts';
import { letIn, run } from '../support/activity-runs.ts';
import { stagingOn } from '../support/emulated-zone.ts';
import { aRulebook, PATH, requestFor, YAML } from '../support/memory-world.ts';
import { type ClientProgram, skipWithout } from './program.ts';
import { FORMS, startSigningCosign } from './signing-cosign.ts';

describe('manifests that the real cosign has signed', { skip: skipWithout('cosign') }, () => {
  let emulated: Emulated;
  let probe: Probe;
  let cosign: ClientProgram;
  let zone: Zone;
  before(async () => {
    emulated = await startEmulated();
    probe = new Probe(emulated.emulator, '');
    cosign = await startSigningCosign(probe, 'cosign', 'stranger');
    cosign.loginAs('build', 'onestreamdev');
    const pem = readFileSync(join(cosign.home, 'cosign.pub'), 'utf8');
    const signatures = createCosignSignatures({ signatures: [{ kind: 'key', file: 'cosign.pub', pem }] });
    zone = stagingOn(emulated, signatures, wantingManifests(aRulebook()));
  });
  after(async () => {
    cosign.remove();
    await probe.close();
    await emulated.close();
  });

  const sign = (key: string, form: keyof typeof FORMS, digest: string): Promise<string> =>
    cosign.output('sign', '--key', `${key}.key`, ...FORMS[form], '--yes', referenceOf(digest));

  function referenceOf(digest: string): string {
    return `${probe.loginServer('onestreamdev')}/iam@${digest}`;
  }

  /** A signed image with its manifests beside it, planned for staging. */
  async function planned(version: string): Promise<StepRequest> {
    const { digest, bytes } = await probe.pushImage('iam', undefined, version);
    await sign('cosign', 'bundle', digest);
    const files = PATH.map((name) => ({ path: `${name}/iam.yaml`, bytes: Buffer.from(YAML) }));
    const subject = { digest: parseDigest(digest), mediaType: MANIFEST_MEDIA_TYPE, size: bytes.byteLength };
    const packed = await packManifests(files, subject);
    await emulated.acr('dev', 'build').publisher.publish('iam', packed);
    const answer = await run(zone, 'planPromotion', {
      ...{ service: 'iam', version, environment: 'staging', source: 'dev' },
      ...{ image: { repository: 'iam', digest }, manifests: packed.manifestDigest, manifestsPublished: true },
    });
    assert.ok(answer.ok, JSON.stringify(answer));
    return requestFor(answer);
  }

  const looked = (request: StepRequest, at: 'source' | 'destination') =>
    run(zone, 'verifySignatures', { ...request, at });

  test('are refused when the image alone is signed', async () => {
    const answer = await looked(await planned('1.0.0'), 'source');
    assert.ok(!answer.ok && answer.refusal.code === 'manifests-unsigned', JSON.stringify(answer));
  });

  test('are refused when somebody else has signed them', async () => {
    const request = await planned('2.0.0');
    await sign('stranger', 'bundle', request.plan.manifests);
    const answer = await looked(request, 'source');
    assert.ok(!answer.ok && answer.refusal.code === 'manifests-untrusted', JSON.stringify(answer));
  });

  for (const [version, form] of [
    ['3.0.0', 'bundle'],
    ['4.0.0', 'legacy'],
  ] as const) {
    test(`pass in ${form} form, and again where they were imported to, with their signature`, async () => {
      const request = await planned(version);
      await sign('cosign', form, request.plan.manifests);
      const atSource = await looked(request, 'source');
      assert.ok(atSource.ok, JSON.stringify(atSource));
      const inside = await letIn(zone, { ...request, fence: Number(version[0]) });
      for (const step of ['importImage', 'copySignatures'] as const) {
        const answer = await run(zone, step, inside);
        assert.ok(answer.ok, JSON.stringify(answer));
      }
      const atDestination = await looked(inside, 'destination');
      assert.ok(atDestination.ok, JSON.stringify(atDestination));
      assert.equal(atDestination.facts?.['registry'], probe.loginServer('onestreamstaging'));
    });
  }
});

function wantingManifests(rulebook: Rulebook): Rulebook {
  const { dev, staging } = rulebook.environments;
  const proofs = { signatures: COMMON_SIGNATURES, manifests: COMMON_SIGNATURES };
  return { ...rulebook, environments: { dev: dev!, staging: { ...staging!, proofs } } };
}
