/** What every ArtefactPublisher does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { assertRefused } from './refusals.ts';
import { freshRepository, type MakeSubject, type RegistrySubject, sampleImage } from './subject.ts';

export function artefactPublisherSuite(name: string, makeSubject: MakeSubject): void {
  describe(`artefact publisher, ${name}`, () => {
    let subject: RegistrySubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('stores manifest and blobs so that they read back by digest', async () => {
      const repository = freshRepository();
      const artefact = sampleImage('manifests of a service');
      await subject.first.publisher.publish(repository, artefact);
      const found = await subject.first.reader.manifest(repository, artefact.manifestDigest);
      assert.deepEqual(Buffer.from(found?.bytes ?? []), Buffer.from(artefact.manifest));
      for (const { digest, bytes } of artefact.blobs) {
        const blob = await subject.first.reader.blob(repository, digest, bytes.length);
        assert.deepEqual(Buffer.from(blob), Buffer.from(bytes));
      }
    });

    test('publishes beside an image, as its referrer', async () => {
      const repository = freshRepository();
      const image = sampleImage('the image');
      await subject.push(repository, image, '1.0.0');
      const artefact = sampleImage('its manifests', { subject: image, artifactType: 'application/x-test' });
      await subject.first.publisher.publish(repository, artefact);
      const found = await subject.first.reader.referrers(repository, image.manifestDigest);
      assert.deepEqual(
        found.map((one) => [one.digest, one.artifactType]),
        [[artefact.manifestDigest, 'application/x-test']],
      );
    });

    test('publishes twice as once, and at the same time', async () => {
      const repository = freshRepository();
      const artefact = sampleImage('at once');
      await Promise.all([1, 2].map(() => subject.first.publisher.publish(repository, artefact)));
      await subject.first.publisher.publish(repository, artefact);
      assert.notEqual(await subject.first.reader.manifest(repository, artefact.manifestDigest), undefined);
    });

    test('stores nothing of an artefact that is not what its digests say', async () => {
      const repository = freshRepository();
      const artefact = sampleImage('forged');
      const other = new Uint8Array(Buffer.from('other content'));
      const blobs = artefact.blobs.map((blob, index) => (index === 1 ? { ...blob, bytes: other } : blob));
      await assertRefused(subject.first.publisher.publish(repository, { ...artefact, blobs }), 'digest-mismatch');
      await assertRefused(
        subject.first.publisher.publish(repository, { ...artefact, manifest: other }),
        'digest-mismatch',
      );
      assert.equal(await subject.first.reader.manifest(repository, artefact.manifestDigest), undefined);
      assert.equal(await subject.first.reader.hasBlob(repository, digestOf(other)), false);
    });
  });
}
