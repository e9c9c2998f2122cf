/** Manifest artefacts that were made to mislead, and registries that lie about them: each refused with its own code, on the wire. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { Zone } from '../../../activities/index.ts';
import type { Fault } from '../../../local/acr-emulator/faults.ts';
import { createMemorySignatures } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import { LAYER_MEDIA_TYPE, MANIFEST_MEDIA_TYPE, packManifests } from '../../../src/manifests/artefact.ts';
import { run } from '../../support/activity-runs.ts';
import { stagingOn } from '../../support/emulated-zone.ts';
import { aRulebook, PATH, YAML } from '../../support/memory-world.ts';
import { OCI_INDEX, Probe, type Pushed, sha256 } from '../acr-emulator/probe.ts';
import { type Emulated, startEmulated } from '../registry/emulated.ts';

describe('a manifest artefact in the emulated registry', () => {
  let emulated: Emulated;
  let probe: Probe;
  let zone: Zone;
  let image: Pushed;
  /** A good one, as text and by its digest. */
  let good: { readonly text: string; readonly digest: string; readonly layer: string };
  let count = 0;
  before(async () => {
    emulated = await startEmulated();
    probe = new Probe(emulated.emulator, '');
    zone = stagingOn(emulated, createMemorySignatures({}), aRulebook());
    image = await probe.pushImage('iam', undefined, 'hostile manifests');
    const files = PATH.map((name) => ({ path: `${name}/iam.yaml`, bytes: Buffer.from(YAML) }));
    const subject = { digest: parseDigest(image.digest), mediaType: MANIFEST_MEDIA_TYPE, size: image.bytes.byteLength };
    const packed = await packManifests(files, subject);
    await emulated.acr('dev', 'build').publisher.publish('iam', packed);
    const layer = packed.blobs[1]?.digest ?? '';
    good = { text: Buffer.from(packed.manifest).toString(), digest: packed.manifestDigest, layer };
  });
  afterEach(() => probe.emulator.faults.clear());
  after(async () => {
    await probe.close();
    await emulated.close();
  });

  /** What the environment's worker answers when it plans with this artefact: a code, or how the activity failed. */
  async function answered(manifests: string): Promise<string> {
    count += 1;
    const request = {
      ...{ service: 'iam', version: `${count}.0.0`, environment: 'staging', source: 'dev' },
      ...{ image: { repository: 'iam', digest: image.digest }, manifests, manifestsPublished: true },
    };
    try {
      const answer = await run(zone, 'planPromotion', request);
      return answer.ok ? 'ok' : answer.refusal.code;
    } catch (error) {
      assert.ok(error instanceof ApplicationFailure, String(error));
      return `failed: ${error.type}`;
    }
  }

  const pushed = (text: string, type = MANIFEST_MEDIA_TYPE): Promise<string> =>
    probe.pushManifest('iam', undefined, Buffer.from(text), type);

  test('that is good is taken', async () => {
    assert.equal(await answered(good.digest), 'ok');
  });

  const changed: readonly (readonly [string, string, () => Promise<string>])[] = [
    [
      'says its layers twice',
      'manifest-ambiguous',
      async () => {
        const other = await probe.pushBlob('iam', 'other files', await pushToken());
        const layers = JSON.stringify([{ mediaType: LAYER_MEDIA_TYPE, digest: other, size: 11 }]);
        return pushed(good.text.replace('{', `{"Layers":${layers},`));
      },
    ],
    [
      'is an index',
      'media-type-mismatch',
      () => pushed(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }), OCI_INDEX),
    ],
    [
      'names its layer by sha512',
      'digest-unsupported',
      () =>
        pushed(
          good.text
            .replace(good.layer, `sha512:${'ab'.repeat(64)}`)
            .replace(
              '"mediaType":"application/vnd.cncf.flux.content',
              '"urls":["https://elsewhere.test/x"],"mediaType":"application/vnd.cncf.flux.content',
            ),
        ),
    ],
    [
      'belongs to another image',
      'manifests-invalid',
      async () => {
        const other = await probe.pushImage('iam', undefined, 'another image');
        return pushed(good.text.replace(image.digest, other.digest));
      },
    ],
    ['belongs to no image', 'manifests-invalid', () => pushed(good.text.replace('"subject"', '"was-subject"'))],
    ['is an image', 'manifests-invalid', async () => image.digest],
    [
      'has a layer that is no archive',
      'manifests-invalid',
      async () => {
        const layer = await probe.pushBlob('iam', 'no archive', await pushToken());
        return pushed(good.text.replace(good.layer, layer));
      },
    ],
    ['is not there', 'failed: manifests-missing', async () => sha256('never pushed')],
  ];
  for (const [title, code, make] of changed) {
    test(`that ${title}: ${code}`, async () => {
      assert.equal(await answered(await make()), code);
    });
  }

  const manifestOf = (digest: string): string => `/manifests/${digest}$`;
  const lies: readonly (readonly [string, string, () => Fault])[] = [
    [
      'the registry answers another manifest under its digest',
      'failed: digest-mismatch',
      () => ({ fault: 'other-manifest', digest: image.digest, match: { path: manifestOf(good.digest) } }),
    ],
    [
      'the registry changes a byte of it',
      'failed: digest-mismatch',
      () => ({ fault: 'swap', match: { path: manifestOf(good.digest) } }),
    ],
    [
      'the registry cuts it short',
      'failed: digest-mismatch',
      () => ({ fault: 'truncate', match: { path: manifestOf(good.digest) } }),
    ],
    [
      'the registry cuts its layer short',
      'failed: digest-mismatch',
      () => ({ fault: 'truncate', match: { path: `/blobs/${good.layer}$` } }),
    ],
    [
      'the registry changes a byte of its layer',
      'failed: digest-mismatch',
      () => ({ fault: 'swap', match: { path: `/blobs/${good.layer}$` } }),
    ],
    [
      'the registry calls it an index',
      'media-type-mismatch',
      () => ({ fault: 'media-type', mediaType: OCI_INDEX, match: { path: manifestOf(good.digest) } }),
    ],
  ];
  for (const [title, code, fault] of lies) {
    test(`of which ${title}: ${code}`, async () => {
      probe.emulator.faults.set(fault());
      assert.equal(await answered(good.digest), code);
    });
  }

  function pushToken(): Promise<string> {
    return probe.token('build', 'onestreamdev', 'repository:iam:pull,push');
  }
});
