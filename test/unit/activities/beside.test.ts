/** What goes with an image is locked with it, and undo takes away what a promotion brought and nothing else. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import type { StepRequest } from '../../../src/contract/activities.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { type Digest, hexOf } from '../../../src/domain/digest.ts';
import { packManifests } from '../../../src/manifests/artefact.ts';
import { OCI_INDEX, sampleImage, type SampleImage, type SampleOptions } from '../../ports/registry/subject.ts';
import { advance, letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, PATH, type Pushed, requestFor, SIGNER, YAML } from '../../support/memory-world.ts';

const KEPT = { deletable: false, writable: true };
const OPEN = { deletable: true, writable: true };
const LOCKED = { deletable: false, writable: false };

let world: MemoryWorld;
let pushed: Pushed;
beforeEach(async () => {
  world = await aWorld();
  pushed = await world.push('one');
});

const staging = () => world.registries.registry('staging');
const isThere = async (digest: Digest): Promise<boolean> =>
  (await staging().reader.manifest('iam', digest)) !== undefined;
const lockOf = (digest: Digest) => staging().locks.read({ repository: 'iam', digest });
const enter = async (version: string, what = pushed): Promise<StepRequest> =>
  requestFor(await planFor(world, what, version));
const remove = async (request: StepRequest): Promise<void> => {
  const answer = await run(world.zones.staging, 'removeImage', request);
  assert.ok(answer.ok, JSON.stringify(answer));
};

function push(image: SampleImage, environment: 'dev' | 'staging' = 'dev', tag?: string): Digest {
  for (const child of image.children) push(child, environment);
  const { mediaType, manifest, blobs } = image;
  const whole = { mediaType, manifest, blobs: blobs.map(({ bytes }) => bytes) };
  return world.registries.push(environment, 'iam', { ...whole, ...(tag === undefined ? {} : { tag }) });
}

/** Something that refers to the digest, known by `seed`. */
function note(digest: Digest, seed: string, options: SampleOptions = {}): SampleImage {
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', manifestDigest: digest };
  return sampleImage(seed, { subject: { ...subject, manifest: Buffer.alloc(1), blobs: [] }, layers: 1, ...options });
}

describe('what goes with a locked image', () => {
  it('cannot be deleted any more, and more can be said of it', async () => {
    const sbom = push(note(pushed.digest, 'sbom'));
    const signature = push(note(sbom, 'signature of the sbom'));
    await promote(world, await enter('1.0.0'));
    for (const digest of [sbom, signature, pushed.signature, pushed.manifests])
      assert.deepEqual(await lockOf(digest), KEPT, digest);
    assert.deepEqual(await lockOf(pushed.digest), LOCKED);
  });

  for (const [what, lagging] of [
    ['shows it open for a while yet', OPEN],
    ['shows it kept though it is open', KEPT],
    ['does not show it at all', undefined],
  ] as const) {
    it(`is kept where a list of the registry ${what}`, async () => {
      const sbom = push(note(pushed.digest, 'sbom'));
      const { staging: zone } = world.zones;
      const request = await letIn(zone, await enter('1.0.0'));
      for (const name of ['importImage', 'copySignatures'] as const) await run(zone, name, request);
      const all = [sbom, pushed.signature, pushed.manifests];
      const changedLast = async () => new Map(lagging === undefined ? [] : all.map((digest) => [digest, lagging]));
      const locks = { ...zone.ports.locks, changedLast };
      const answer = await run({ ...zone, ports: { ...zone.ports, locks } }, 'lockImage', request);
      assert.ok(answer.ok, JSON.stringify(answer));
      for (const digest of all) assert.deepEqual(await lockOf(digest), KEPT, digest);
    });
  }

  it('is opened again by undo, where it was open before', async () => {
    const { request } = await advance(world, await enter('1.0.0'));
    assert.ok((await run(world.zones.staging, 'unlockImage', request)).ok);
    for (const digest of [pushed.digest, pushed.signature, pushed.manifests])
      assert.deepEqual(await lockOf(digest), OPEN);
  });

  it('stays kept by undo, where it was kept before; only what is new is opened and removed', async () => {
    await promote(world, await enter('1.0.0'));
    const late = push(note(pushed.digest, 'said later'));
    const { request } = await advance(world, await enter('1.1.0'));
    assert.deepEqual(await lockOf(late), KEPT);
    assert.ok((await run(world.zones.staging, 'unlockImage', request)).ok);
    assert.deepEqual(await lockOf(late), OPEN);
    for (let time = 0; time < 2; time += 1) await remove(request);
    assert.equal(await isThere(late), false);
    assert.equal(
      await staging().reader.manifest('iam', { tag: '1.1.0' }),
      undefined,
      'its own tag was locked by it alone',
    );
    for (const digest of [pushed.signature, pushed.manifests]) assert.deepEqual(await lockOf(digest), KEPT);
    assert.deepEqual(await lockOf(pushed.digest), LOCKED);
    assert.deepEqual(await staging().locks.read({ repository: 'iam', tag: '1.0.0' }), LOCKED);
  });
});

describe('undo of an import', () => {
  it('leaves what others have put beside an image that stays', async () => {
    await promote(world, await enter('1.0.0'));
    const late = push(note(pushed.digest, 'said at the source'));
    const { request } = await advance(world, await enter('1.1.0'));
    const theirs = push(note(pushed.digest, 'said by somebody there'), 'staging');
    await remove(request);
    assert.deepEqual([await isThere(late), await isThere(theirs)], [false, true]);
  });

  it('takes along what refers to what refers to the image, and what tags lead to', async () => {
    const sbom = push(note(pushed.digest, 'sbom'));
    const signature = push(note(sbom, 'signature of the sbom'));
    const legacy = push(sampleImage('legacy'), 'dev', `sha256-${hexOf(sbom)}.sig`);
    const { request } = await advance(world, await enter('1.0.0'));
    for (const digest of [sbom, signature, legacy]) assert.ok(await isThere(digest));
    await remove(request);
    for (const digest of [sbom, signature, legacy, pushed.digest, pushed.manifests, pushed.signature])
      assert.equal(await isThere(digest), false, digest);
  });

  it('leaves what another image shares with it, and what was said of that', async () => {
    const [shared, fresh, other] = ['shared', 'fresh', 'other'].map((seed) => sampleImage(seed)) as [
      SampleImage,
      SampleImage,
      SampleImage,
    ];
    const said = push(note(shared.manifestDigest, 'said of the shared one'));
    await promote(world, await enter('1.0.0', await pushIndex([shared, other])));
    const { request } = await advance(world, await enter('2.0.0', await pushIndex([shared, fresh])));
    await remove(request);
    for (const digest of [shared.manifestDigest, other.manifestDigest, said]) assert.ok(await isThere(digest), digest);
    assert.equal(await isThere(fresh.manifestDigest), false, 'nobody else has it');
    assert.deepEqual(await lockOf(said), KEPT);
  });

  it('removes the image first, even where nobody can say what goes with it', async () => {
    const { request } = await advance(world, await enter('1.0.0'));
    world.registries.faults.set({
      fault: 'error',
      code: 'registry-failing',
      match: { call: 'referrers', environment: 'staging' },
    });
    await assert.rejects(run(world.zones.staging, 'removeImage', request));
    assert.equal(await isThere(pushed.digest), false, 'nothing can deploy it');
    world.registries.faults.clear();
    await remove(request);
    for (const digest of [pushed.digest, pushed.signature, pushed.manifests])
      assert.equal(await isThere(digest), false);
  });

  it('goes on where it was killed, and leaves nothing behind', async () => {
    const sbom = push(note(pushed.digest, 'sbom'));
    for (let survived = 0; survived < 4; survived += 1) {
      const { request } = await advance(world, await enter(`1.0.${survived}`));
      for (let deleted = 0; deleted <= survived; deleted += 1)
        world.registries.faults.set({
          fault: 'error',
          code: 'registry-failing',
          when: 'after',
          times: 1,
          match: { call: 'delete' },
        });
      for (let tries = 0; tries <= survived; tries += 1)
        await assert.rejects(run(world.zones.staging, 'removeImage', request));
      await remove(request);
      for (const digest of [pushed.digest, pushed.signature, pushed.manifests, sbom])
        assert.equal(await isThere(digest), false, `${digest} after ${survived}`);
    }
  });
});

/** A signed index with manifests. */
async function pushIndex(children: readonly SampleImage[]): Promise<Pushed> {
  const manifests = children.map((one) => ({
    mediaType: one.mediaType,
    digest: one.manifestDigest,
    size: one.manifest.length,
  }));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  const digest = push({ mediaType: OCI_INDEX, manifest, manifestDigest: digestOf(manifest), blobs: [], children });
  const signature = stateSignature(digest, SIGNER);
  const files = PATH.map((environment) => ({ path: `${environment}/iam.yaml`, bytes: Buffer.from(YAML) }));
  const packed = await packManifests(files, { digest, mediaType: OCI_INDEX, size: manifest.length });
  const { publisher } = world.registries.registry('dev');
  for (const one of [signature, packed]) await publisher.publish('iam', one);
  return { digest, signature: signature.manifestDigest, manifests: packed.manifestDigest };
}
