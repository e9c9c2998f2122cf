/** What may not go with an image is refused, each thing with its own code, before anything uses the copy; on the wire. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Fault } from '../../../local/acr-emulator/index.ts';
import { openRegistry } from '../../../local/stack/registry-session.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import { hexOf } from '../../../src/domain/digest.ts';
import { LIMITS } from '../../../src/referrers/limits.ts';
import { OCI_INDEX, OCI_MANIFEST, sampleImage, type SampleImage, sampleIndex } from '../../ports/registry/subject.ts';
import { isFailure, run } from '../../support/activity-runs.ts';
import { arrive, type Release, REPOSITORY, startTravel, type Travel } from './travel.ts';

const IMAGE = sampleImage('image');
const EMPTY = Buffer.from('{}');

let travel: Travel;
let release: Release;
beforeEach(async () => {
  travel = await startTravel();
  release = await travel.release(IMAGE);
});
afterEach(() => travel.close());

const fault = (one: Fault): void => travel.emulated.emulator.faults.set(one);
const AT_SOURCE = { registry: 'onestreamdev' };
const LIST = { ...AT_SOURCE, path: `/referrers/${IMAGE.manifestDigest}` };

/** Lets it in, does something, and goes on: the zone has looked before, the world is another one by then. */
async function refusedAs(code: ErrorCode, meanwhile: () => unknown = () => undefined): Promise<string> {
  const request = await release.enter();
  await meanwhile();
  const last = (await arrive(travel.staging, request)).at(-1);
  assert.ok(last !== undefined && !last.ok, 'it was let through');
  assert.equal(last.refusal.code, code, JSON.stringify(last.refusal));
  assert.ok(last.refusal.remedy !== undefined);
  return last.refusal.message;
}

/** A manifest that refers to the image, with whatever else is said. */
function note(more: object, text = (value: object) => JSON.stringify(value)): SampleImage {
  const manifest = Buffer.from(
    text({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'application/vnd.example.note',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(EMPTY), size: EMPTY.length },
      layers: [],
      subject: { mediaType: IMAGE.mediaType, digest: IMAGE.manifestDigest, size: IMAGE.manifest.length },
      ...more,
    }),
  );
  const blobs = [{ digest: digestOf(EMPTY), bytes: EMPTY }];
  return { mediaType: OCI_MANIFEST, manifest, manifestDigest: digestOf(manifest), blobs, children: [] };
}

const layer = (size: number) => ({ mediaType: 'application/octet-stream', digest: digestOf(EMPTY), size });
const push = (one: SampleImage, tag?: string): Promise<void> => travel.emulated.push(REPOSITORY, one, tag);

function indexOf(children: readonly SampleImage[]): SampleImage {
  const manifests = children.map(({ mediaType, manifest, manifestDigest }) => {
    return { mediaType, digest: manifestDigest, size: manifest.length };
  });
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  return { mediaType: OCI_INDEX, manifest, manifestDigest: digestOf(manifest), blobs: [], children };
}

describe('too much', () => {
  test('ten thousand referrers are refused, and not all pages are read', async () => {
    await refusedAs('referrers-too-many', () => fault({ fault: 'referrers-many', count: 10_000, match: LIST }));
  });

  test('ten thousand referrers are refused where the source is verified, too', async () => {
    const request = await release.enter();
    fault({ fault: 'referrers-many', count: 10_000, match: LIST });
    const answer = await run(travel.staging, 'verifySignatures', { ...request, at: 'source' });
    assert.ok(!answer.ok && answer.refusal.code === 'referrers-too-many', JSON.stringify(answer));
  });

  test('one more than the limit is too much, though no list is that long', async () => {
    const [first, second] = sampleIndex('two lists').children as [SampleImage, SampleImage];
    release = await travel.release(sampleIndex('two lists'));
    const count = LIMITS.referrers - 10;
    await refusedAs('referrers-too-many', () => {
      for (const { manifestDigest } of [first, second])
        fault({ fault: 'referrers-many', count, match: { ...AT_SOURCE, path: `/referrers/${manifestDigest}` } });
    });
  });

  test('a chain of referrers is followed to a limit', async () => {
    let last: SampleImage = IMAGE;
    for (let step = 0; step <= LIMITS.depth; step += 1) last = await travel.refer(last, `step ${step}`);
    await refusedAs('referrers-too-deep');
  });

  test('a signature of one gigabyte is refused before a byte of it is read', async () => {
    await push(note({ layers: [layer(1024 ** 3)] }));
    await refusedAs('referrers-too-large');
    const read = travel.emulated.emulator.effects().filter(({ effect }) => effect === 'import-completed');
    assert.equal(read.length, 1, 'the image alone was copied');
  });

  test('many large ones are refused together', async () => {
    const each = LIMITS.referrerBytes - 10_000;
    for (let one = 0; one * each <= LIMITS.totalBytes; one += 1)
      await push(note({ layers: [layer(each)], annotations: { one: `${one}` } }));
    await refusedAs('referrers-too-large');
  });

  test('a manifest of more than a megabyte is refused by what the list says of it', async () => {
    await push(note({ annotations: { much: 'x'.repeat(LIMITS.manifestBytes) } }));
    await refusedAs('referrers-too-large');
  });
});

describe('what is not what it says is refused:', () => {
  test('another manifest under the digest', async () => {
    const other = sampleImage('another');
    await push(other);
    const sbom = await travel.refer(IMAGE, 'sbom');
    const match = { ...AT_SOURCE, path: `/manifests/${sbom.manifestDigest}` };
    await refusedAs('digest-mismatch', () => fault({ fault: 'other-manifest', digest: other.manifestDigest, match }));
  });

  test('another media type than the manifest’s own, and one that is no manifest', async () => {
    const sbom = await travel.refer(IMAGE, 'sbom');
    const match = { ...AT_SOURCE, path: `/manifests/${sbom.manifestDigest}` };
    const own = note({ mediaType: undefined });
    await push(own);
    await refusedAs('media-type-mismatch', () => fault({ fault: 'media-type', mediaType: OCI_INDEX, match }));
    travel.emulated.emulator.faults.clear();
    const ofOwn = { ...AT_SOURCE, path: `/manifests/${own.manifestDigest}` };
    fault({ fault: 'media-type', mediaType: 'text/html', match: ofOwn });
    await refusedAs('media-type-mismatch');
  });

  test('a manifest that says something twice', async () => {
    await push(note({}, (value) => JSON.stringify(value).replace('"layers":[]', '"layers":[],"layers":[]')));
    await refusedAs('manifest-ambiguous');
  });

  test('a manifest that is an image and an index in one', async () => {
    await push(note({ manifests: [] }));
    await refusedAs('manifest-ambiguous');
  });

  test('a manifest that is nested without end', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const deepened = (value: object) => JSON.stringify(value).replace('"deep"', deep);
    await push(note({ layers: [{ ...layer(EMPTY.length), annotations: 'deep' }] }, deepened));
    await refusedAs('manifest-malformed');
  });

  test('a manifest without what a manifest has', async () => {
    const one = note({ mediaType: undefined });
    await push(one);
    // the emulator takes none that is malformed; a registry that says "index" of an image makes it one
    const match = { ...AT_SOURCE, path: `/manifests/${one.manifestDigest}` };
    await refusedAs('manifest-malformed', () => fault({ fault: 'media-type', mediaType: OCI_INDEX, match }));
  });

  const sha512 = (bytes: Uint8Array) => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;

  test('something that a referrer holds and names by SHA-512', async () => {
    // the emulator wants to have what is not said to lie elsewhere
    await push(
      note({ layers: [{ ...layer(EMPTY.length), digest: sha512(EMPTY), urls: ['https://elsewhere.test/x'] }] }),
    );
    await refusedAs('digest-unsupported');
  });

  test('a referrer named by SHA-512', async () => {
    const one = note({ annotations: { by: 'sha512' } });
    const scope = `repository:${REPOSITORY}:pull,push`;
    const session = await openRegistry(travel.emulated.emulator, { registry: 'onestreamdev', host: 'pipeline', scope });
    await push(note({}));
    const put = await session.request(`/v2/${REPOSITORY}/manifests/${sha512(one.manifest)}`, {
      method: 'PUT',
      headers: { 'content-type': OCI_MANIFEST },
      body: one.manifest,
    });
    await session.close();
    assert.equal(put.status, 201);
    await refusedAs('digest-unsupported');
  });

  test('a referrer that refers to something else, by the registry’s list or by one under a tag', async () => {
    const foreign = await travel.refer(sampleImage('somebody else’s'), 'a note');
    await refusedAs('referrer-foreign', () =>
      fault({ fault: 'referrers-also', digest: foreign.manifestDigest, match: LIST }),
    );
    travel.emulated.emulator.faults.clear();
    await push(indexOf([foreign]), `sha256-${hexOf(IMAGE.manifestDigest)}`);
    await refusedAs('referrer-foreign');
  });

  test('a list under a tag that is no list', async () => {
    await push(sampleImage('no list'), `sha256-${hexOf(IMAGE.manifestDigest)}`);
    await refusedAs('referrer-foreign');
  });

  test('an index with a manifest that is not what the index says', async () => {
    const child = sampleImage('child');
    const index = indexOf([child]);
    const lying = Buffer.from(
      Buffer.from(index.manifest).toString().replace(`"size":${child.manifest.length}`, '"size":1'),
    );
    release = await travel.release({ ...index, manifest: lying, manifestDigest: digestOf(lying) });
    await assert.rejects(release.enter(), /index-child-foreign/, 'it is not even let in');
  });

  /** The image's own manifest, with its text changed. */
  async function changed(from: string | RegExp, to: string): Promise<Release> {
    const image = sampleImage('changed');
    const text = Buffer.from(image.manifest).toString();
    const lying = Buffer.from(text.replace(from, to));
    assert.notEqual(lying.toString(), text);
    return travel.release({ ...image, manifest: lying, manifestDigest: digestOf(lying) });
  }

  test('an image that says something twice', async () => {
    release = await changed('"layers":', '"layers":[],"layers":');
    await assert.rejects(release.enter(), /manifest-ambiguous/, 'it is not even let in');
  });

  test('an image of another kind than the registry says, and another one under its digest', async () => {
    const match = { ...AT_SOURCE, path: `/manifests/${IMAGE.manifestDigest}` };
    const other = sampleImage('another');
    await push(other);
    fault({ fault: 'media-type', mediaType: OCI_INDEX, match });
    await assert.rejects(release.enter(), /media-type-mismatch/);
    travel.emulated.emulator.faults.clear();
    fault({ fault: 'other-manifest', digest: other.manifestDigest, match });
    await assert.rejects(release.enter(), /digest-mismatch/);
  });

  test('a circle, which only tags can make', async () => {
    const tag = `sha256-${hexOf(IMAGE.manifestDigest)}.sig`;
    await push(IMAGE, tag);
    await refusedAs('referrers-cycle');
  });

  test('a circle through several', async () => {
    const sbom = await travel.refer(IMAGE, 'sbom');
    await push(IMAGE, `sha256-${hexOf(sbom.manifestDigest)}.att`);
    await refusedAs('referrers-cycle');
  });

  test('a part that was cut short on the way', async () => {
    const sbom = await travel.refer(IMAGE, 'sbom');
    const match = { registry: 'onestreamstaging', path: `/blobs/${sbom.blobs[1]?.digest}` };
    await refusedAs('digest-mismatch', () => fault({ fault: 'truncate', match }));
  });
});

describe('what is missing', () => {
  const lacks = async (meanwhile: () => void): Promise<void> => {
    const request = await release.enter();
    meanwhile();
    for (const name of ['importImage', 'verifyDigest'] as const)
      assert.ok((await run(travel.staging, name, request)).ok);
    await assert.rejects(run(travel.staging, 'copySignatures', request), isFailure('referrers-missing', false));
  };

  test('at the destination by its own list is an error, and is found when it shows up', async () => {
    const sbom = await travel.refer(IMAGE, 'sbom');
    const match = { registry: 'onestreamstaging', path: `/referrers/${IMAGE.manifestDigest}` };
    await lacks(() => fault({ fault: 'referrers-without', digest: sbom.manifestDigest, match }));
    travel.emulated.emulator.faults.clear();
    const request = await release.enter();
    assert.ok((await run(travel.staging, 'copySignatures', request)).ok);
  });

  test('where the destination keeps no referrers at all', async () => {
    const match = { registry: 'onestreamstaging', path: '/referrers/' };
    await lacks(() => fault({ fault: 'referrers-off', match }));
  });

  test('is never taken for nothing where an import says that it succeeded', async () => {
    await travel.refer(IMAGE, 'sbom');
    const request = await release.enter();
    for (const name of ['importImage', 'verifyDigest'] as const)
      assert.ok((await run(travel.staging, name, request)).ok);
    fault({ fault: 'import-lies', match: { registry: 'onestreamstaging' } });
    await assert.rejects(run(travel.staging, 'copySignatures', request), isFailure('import-failed', false));
  });
});
