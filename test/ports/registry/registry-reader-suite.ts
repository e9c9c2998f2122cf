/** What every RegistryReader does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { assertRefused } from './refusals.ts';
import {
  freshRepository,
  type MakeSubject,
  OCI_INDEX,
  OCI_MANIFEST,
  type RegistrySubject,
  sampleImage,
  sampleIndex,
} from './subject.ts';

const ABSENT = digestOf('nobody ever pushed this');

export function registryReaderSuite(name: string, makeSubject: MakeSubject): void {
  describe(`registry reader, ${name}`, () => {
    let subject: RegistrySubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());
    const reader = (): RegistrySubject['first']['reader'] => subject.first.reader;

    test('returns the exact bytes of a manifest by tag and by digest', async () => {
      const repository = freshRepository();
      const image = sampleImage('read me');
      await subject.push(repository, image, '1.0.0');
      for (const reference of [image.manifestDigest, { tag: '1.0.0' }]) {
        const found = await reader().manifest(repository, reference);
        assert.deepEqual(Buffer.from(found?.bytes ?? []), Buffer.from(image.manifest));
        assert.equal(found?.digest, image.manifestDigest);
        assert.equal(found?.mediaType, OCI_MANIFEST);
      }
    });

    test('returns an index as an index', async () => {
      const repository = freshRepository();
      const index = sampleIndex('both platforms');
      await subject.push(repository, index, 'multi');
      const found = await reader().manifest(repository, { tag: 'multi' });
      assert.equal(found?.mediaType, OCI_INDEX);
      assert.equal(found?.digest, index.manifestDigest);
    });

    test('answers undefined for a tag, a digest and a repository that do not exist', async () => {
      const repository = freshRepository();
      await subject.push(repository, sampleImage('something else'), 'other');
      assert.equal(await reader().manifest(repository, { tag: 'missing' }), undefined);
      assert.equal(await reader().manifest(repository, ABSENT), undefined);
      assert.equal(await reader().manifest(freshRepository(), { tag: 'other' }), undefined);
    });

    test('reads a blob up to its limit and not beyond', async () => {
      const repository = freshRepository();
      const image = sampleImage('layers');
      await subject.push(repository, image);
      const layer = image.blobs[1];
      assert.ok(layer !== undefined);
      const bytes = await reader().blob(repository, layer.digest, layer.bytes.length);
      assert.deepEqual(Buffer.from(bytes), Buffer.from(layer.bytes));
      await assertRefused(reader().blob(repository, layer.digest, layer.bytes.length - 1), 'registry-protocol');
    });

    test('refuses a blob that is not there', async () => {
      const repository = freshRepository();
      await subject.push(repository, sampleImage('no such blob'));
      await assertRefused(reader().blob(repository, ABSENT, 1000), 'blob-unknown');
    });

    test('says whether a blob would be served', async () => {
      const repository = freshRepository();
      const image = sampleImage('heads');
      await subject.push(repository, image);
      for (const { digest } of image.blobs) assert.equal(await reader().hasBlob(repository, digest), true);
      assert.equal(await reader().hasBlob(repository, ABSENT), false);
    });

    test('lists no referrers where there are none', async () => {
      const repository = freshRepository();
      const image = sampleImage('alone');
      await subject.push(repository, image);
      assert.deepEqual(await reader().referrers(repository, image.manifestDigest), []);
    });

    test('lists referrers with type, size and annotations', async () => {
      const repository = freshRepository();
      const image = sampleImage('signed');
      const typed = sampleImage('signature', {
        subject: image,
        artifactType: 'application/x-test',
        annotations: { by: 'me' },
      });
      const untyped = sampleImage('list of parts', { subject: image });
      for (const one of [image, typed, untyped]) await subject.push(repository, one);
      const found = await reader().referrers(repository, image.manifestDigest);
      const byDigest = new Map(found.map((one) => [one.digest, one]));
      assert.deepEqual([...byDigest.keys()].sort(), [typed.manifestDigest, untyped.manifestDigest].sort());
      assert.deepEqual(byDigest.get(typed.manifestDigest), {
        digest: typed.manifestDigest,
        mediaType: OCI_MANIFEST,
        size: typed.manifest.length,
        artifactType: 'application/x-test',
        annotations: { by: 'me' },
      });
      assert.equal(byDigest.get(untyped.manifestDigest)?.artifactType, 'application/vnd.oci.image.config.v1+json');
    });

    test('lists so many referrers, and refuses when there are more', async () => {
      const repository = freshRepository();
      const image = sampleImage('talked about');
      const notes = ['one', 'two', 'three'].map((seed) => sampleImage(seed, { subject: image }));
      for (const one of [image, ...notes]) await subject.push(repository, one);
      assert.equal((await reader().referrers(repository, image.manifestDigest, 3)).length, 3);
      await assertRefused(reader().referrers(repository, image.manifestDigest, 2), 'referrers-too-many');
    });

    for (const repository of ['', 'UPPER', '../acr/v1/_catalog', 'iam/../other', 'iam?x=1', 'iam/', 'iam:1', 'iam\n']) {
      test(`never asks for the repository ${JSON.stringify(repository)}`, async () => {
        await assertRefused(reader().manifest(repository, { tag: '1' }), 'reference-malformed');
      });
    }

    for (const tag of ['', '../../x', 'a b', 'a/b', '-a', 'a'.repeat(129), 'sha256:abc']) {
      test(`never asks for the tag ${JSON.stringify(tag.slice(0, 20))}`, async () => {
        await assertRefused(reader().manifest('iam', { tag }), 'reference-malformed');
      });
    }
  });
}
