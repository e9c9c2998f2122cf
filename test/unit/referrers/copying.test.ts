/** In which order manifests are copied, and what becomes of tags that the destination has already; in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createMemoryRegistries,
  type MemoryRegistries,
} from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { remembering } from '../../../src/adapters/registry/remembering.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { type Digest, hexOf } from '../../../src/domain/digest.ts';
import { alreadyThere } from '../../../src/referrers/already-there.ts';
import { collectGraph } from '../../../src/referrers/collect.ts';
import { besides } from '../../../src/referrers/graph.ts';
import { MANIFESTS_PER_IMPORT } from '../../../src/referrers/limits.ts';
import { copyRounds } from '../../../src/referrers/rounds.ts';
import { settleTags } from '../../../src/referrers/settle-tags.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { OCI_INDEX, OCI_MANIFEST, sampleImage, type SampleImage } from '../../ports/registry/subject.ts';

const IMAGE = sampleImage('image');

function registriesWith(...images: readonly SampleImage[]): MemoryRegistries {
  const registries = createMemoryRegistries({ hosts: { dev: 'dev.test', staging: 'staging.test' } });
  for (const image of images) push(registries, 'dev', image);
  return registries;
}

function push(registries: MemoryRegistries, environment: string, image: SampleImage, tag?: string): Digest {
  for (const child of image.children) push(registries, environment, child);
  const { mediaType, manifest, blobs } = image;
  const whole = { mediaType, manifest, blobs: blobs.map(({ bytes }) => bytes) };
  return registries.push(environment, 'iam', { ...whole, ...(tag === undefined ? {} : { tag }) });
}

function indexOf(children: readonly SampleImage[], more: object = {}): SampleImage {
  const manifests = children.map((one) => ({
    mediaType: one.mediaType,
    digest: one.manifestDigest,
    size: one.manifest.length,
  }));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests, ...more }));
  return { mediaType: OCI_INDEX, manifest, manifestDigest: digestOf(manifest), blobs: [], children };
}

const images = (count: number): readonly SampleImage[] =>
  Array.from({ length: count }, (_, at) => sampleImage(`child ${at}`));
const graphOf = (registries: MemoryRegistries, root: SampleImage) =>
  collectGraph(registries.registry('dev').reader, { repository: 'iam', digest: root.manifestDigest });

describe('copies are asked for in rounds', () => {
  const roundsOf = async (registries: MemoryRegistries, root: SampleImage, part: 'image' | 'beside') =>
    copyRounds(await graphOf(registries, root), part).map((round) => round.map(({ digest }) => digest).toSorted());

  it('with the subject before what refers to it, and everything of one step together', async () => {
    const [sbom, signature] = [sampleImage('sbom', { subject: IMAGE }), sampleImage('signature', { subject: IMAGE })];
    const onSbom = sampleImage('signature of the sbom', { subject: sbom });
    const rounds = await roundsOf(registriesWith(IMAGE, sbom, signature, onSbom), IMAGE, 'beside');
    assert.deepEqual(rounds, [[sbom.manifestDigest, signature.manifestDigest].toSorted(), [onSbom.manifestDigest]]);
  });

  it('in one for an index that one import takes', async () => {
    const index = indexOf(images(MANIFESTS_PER_IMPORT - 1));
    assert.deepEqual(await roundsOf(registriesWith(index), index, 'image'), [[index.manifestDigest]]);
  });

  it('with the manifests of a larger index before it', async () => {
    const children = images(MANIFESTS_PER_IMPORT);
    const index = indexOf(children);
    const rounds = await roundsOf(registriesWith(index), index, 'image');
    assert.deepEqual(rounds, [children.map((one) => one.manifestDigest).toSorted(), [index.manifestDigest]]);
  });

  it('with an index of some inside a larger one whole, since one import takes it', async () => {
    const inner = indexOf(images(10));
    const outer = indexOf([inner, ...images(60).slice(10)]);
    const rounds = await roundsOf(registriesWith(outer), outer, 'image');
    assert.equal(rounds.length, 2);
    assert.equal(rounds[0]?.length, 51);
    assert.ok(rounds[0]?.includes(inner.manifestDigest));
  });

  it('with a list of referrers under a tag after all that it names', async () => {
    const sbom = sampleImage('sbom', { subject: IMAGE });
    const registries = registriesWith(IMAGE, sbom);
    const list = indexOf([sbom]);
    push(registries, 'dev', list, `sha256-${hexOf(IMAGE.manifestDigest)}`);
    assert.deepEqual(await roundsOf(registries, IMAGE, 'beside'), [[sbom.manifestDigest], [list.manifestDigest]]);
  });
});

describe('what a manifest is found by', () => {
  it('may be a list under a tag alone, where the registry does not list it', async () => {
    const sbom = sampleImage('sbom', { subject: IMAGE });
    const registries = registriesWith(IMAGE, sbom);
    const { reader } = registries.registry('dev');
    push(registries, 'dev', indexOf([sbom]), `sha256-${hexOf(IMAGE.manifestDigest)}`);
    const forgetful = { ...reader, referrers: async () => [] };
    const graph = await collectGraph(forgetful, { repository: 'iam', digest: IMAGE.manifestDigest });
    assert.ok(
      graph.links.some(
        ({ how, from, to }) => how === 'referrer' && from === IMAGE.manifestDigest && to === sbom.manifestDigest,
      ),
    );
  });

  it('may be several things: it is one all the same', async () => {
    const signature = sampleImage('signature', { subject: IMAGE });
    const registries = registriesWith(IMAGE, signature);
    push(registries, 'dev', signature, `sha256-${hexOf(IMAGE.manifestDigest)}.sig`);
    assert.equal(besides(await graphOf(registries, IMAGE)).length, 1);
  });
});

describe('what the destination has of it already', () => {
  const [sbom, other] = [sampleImage('sbom', { subject: IMAGE }), sampleImage('other', { subject: IMAGE })];
  const onSbom = sampleImage('signature of the sbom', { subject: sbom });
  const stranger = sampleImage('a stranger', { subject: IMAGE });

  async function there(...images: readonly SampleImage[]) {
    const registries = registriesWith(IMAGE, sbom, other, onSbom);
    for (const image of images) push(registries, 'staging', image);
    const asked: Digest[] = [];
    const { reader } = registries.registry('staging');
    const counted = {
      ...reader,
      referrers: (repository: string, digest: Digest) => (asked.push(digest), reader.referrers(repository, digest)),
      manifest: () => assert.fail('its lists say it'),
    };
    return { found: await alreadyThere(counted, 'iam', await graphOf(registries, IMAGE)), asked };
  }

  it('is said by one list where there is nothing', async () => {
    const { found, asked } = await there();
    assert.deepEqual([[...found], asked], [[], [IMAGE.manifestDigest]]);
  });

  it('is followed to what refers to that, and is nothing but what goes with the image', async () => {
    const { found, asked } = await there(sbom, onSbom, stranger);
    assert.deepEqual([...found].toSorted(), [sbom.manifestDigest, onSbom.manifestDigest].toSorted());
    assert.deepEqual(asked, [IMAGE.manifestDigest, sbom.manifestDigest]);
  });

  it('is not believed of what hangs in the air: it is asked for once more', async () => {
    const { found } = await there(onSbom);
    assert.deepEqual([...found], []);
  });
});

describe('what was read before', () => {
  it('is not read again where the registry lists it, and is where only an index or a request names it', async () => {
    const [first, second] = images(2) as [SampleImage, SampleImage];
    const index = indexOf([first, second]);
    const sbom = sampleImage('sbom', { subject: index });
    const registries = registriesWith(index, sbom);
    const { reader } = registries.registry('dev');
    const asked: unknown[] = [];
    const counted = remembering({
      ...reader,
      manifest: (repository, reference) => (asked.push(reference), reader.manifest(repository, reference)),
    });
    const image = { repository: 'iam', digest: index.manifestDigest };
    const before = await collectGraph(counted, image, { what: 'untagged' });
    asked.length = 0;
    const again = await collectGraph(counted, image, { what: 'untagged' });
    assert.deepEqual(again, before);
    const own = [index, first, second].map(({ manifestDigest }) => manifestDigest);
    assert.deepEqual(asked.toSorted(), own.toSorted());
  });
});

describe('a tag that leads to something else at the destination', () => {
  const TAG = `sha256-${hexOf(IMAGE.manifestDigest)}.sig`;
  /** A signature artefact of the older form: each layer is a signature. */
  function signedBy(...names: readonly string[]): SampleImage {
    const one = sampleImage('signatures', { layers: 0 });
    const bytes = names.map((name) => Buffer.from(name));
    const layers = bytes.map((layer) => ({
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      digest: digestOf(layer),
      size: layer.length,
      annotations: { 'dev.cosignproject.cosign/signature': layer.toString() },
    }));
    const config = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: one.blobs[0]?.digest,
      size: one.blobs[0]?.bytes.length,
    };
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }));
    const blobs = [...one.blobs, ...bytes.map((layer) => ({ digest: digestOf(layer), bytes: layer }))];
    return { ...one, manifest, manifestDigest: digestOf(manifest), blobs };
  }

  async function settle(source: SampleImage, destination: SampleImage | undefined, tag = TAG) {
    const registries = registriesWith(IMAGE);
    push(registries, 'dev', source, tag);
    if (destination !== undefined) push(registries, 'staging', destination, tag);
    return settleTags(registries.registry('staging').reader, 'iam', await graphOf(registries, IMAGE));
  }

  it('is set where there is none, and is fine where it means the same', async () => {
    const source = signedBy('ada');
    for (const destination of [undefined, source]) {
      const { tags, stay, needless } = await settle(source, destination);
      assert.deepEqual([[...tags], stay, [...needless]], [[[source.manifestDigest, [TAG]]], [], []]);
    }
  });

  it('stays where everything is said there already', async () => {
    const source = signedBy('ada');
    const { tags, stay, needless } = await settle(source, signedBy('grace', 'ada'));
    assert.deepEqual([[...tags], stay, [...needless]], [[], [TAG], [source.manifestDigest]]);
  });

  for (const [what, there] of [
    ['less', signedBy('ada')],
    ['something else', signedBy('eve', 'grace')],
  ] as const) {
    it(`is never moved: where ${what} is said there, nothing travels`, async () => {
      const error = await assertRefused(settle(signedBy('ada', 'grace'), there), 'tag-conflict');
      assert.equal(error.got, there.manifestDigest);
      assert.match(error.remedy ?? '', /never moves a tag/);
    });
  }

  it('stays where it is a list of referrers: what that names travels by itself', async () => {
    const list = `sha256-${hexOf(IMAGE.manifestDigest)}`;
    const own = indexOf([]);
    const { stay, needless } = await settle(own, indexOf([], { annotations: { other: 'one' } }), list);
    assert.deepEqual([stay, [...needless]], [[list], [own.manifestDigest]]);
  });
});
