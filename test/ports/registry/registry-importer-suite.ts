/** What every RegistryImporter does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { assertRefused } from './refusals.ts';
import {
  freshRepository,
  importInto,
  type MakeSubject,
  NEVER,
  type RegistrySubject,
  sampleImage,
  sampleIndex,
} from './subject.ts';

export function registryImporterSuite(name: string, makeSubject: MakeSubject): void {
  describe(`registry importer, ${name}`, () => {
    let subject: RegistrySubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('copies an image by digest with all of its blobs and no tag', async () => {
      const repository = freshRepository();
      const image = sampleImage('untagged');
      await subject.push(repository, image, '1.0.0');
      await importInto(subject, repository, image.manifestDigest);
      const copy = await subject.second.reader.manifest(repository, image.manifestDigest);
      assert.deepEqual(Buffer.from(copy?.bytes ?? []), Buffer.from(image.manifest));
      for (const { digest } of image.blobs) assert.equal(await subject.second.reader.hasBlob(repository, digest), true);
      assert.equal(await subject.second.reader.manifest(repository, { tag: '1.0.0' }), undefined);
    });

    test('tags the copy when asked to', async () => {
      const repository = freshRepository();
      const image = sampleImage('tagged');
      await subject.push(repository, image);
      await importInto(subject, repository, image.manifestDigest, '2.0.0');
      const copy = await subject.second.reader.manifest(repository, { tag: '2.0.0' });
      assert.equal(copy?.digest, image.manifestDigest);
    });

    test('says by which name the registry knows the operation, before it has ended and after', async () => {
      const repository = freshRepository();
      const { second, source } = subject;
      const images = [sampleImage('named'), sampleImage('named otherwise')];
      const names: (string | undefined)[] = [];
      for (const image of images) {
        await subject.push(repository, image);
        const ticket = await second.importer.begin({ source, repository, digest: image.manifestDigest }, NEVER);
        const name = second.importer.operationOf(ticket);
        await second.importer.finish(ticket, NEVER);
        assert.equal(second.importer.operationOf(ticket), name);
        names.push(name);
      }
      assert.ok(
        names.every((name) => name !== undefined && name !== '' && !name.includes('?')),
        names.join(),
      );
      assert.notEqual(names[0], names[1]);
      assert.equal(second.importer.operationOf('no ticket'), undefined);
    });

    test('copies an index with the images in it', async () => {
      const repository = freshRepository();
      const index = sampleIndex('platforms');
      await subject.push(repository, index);
      await importInto(subject, repository, index.manifestDigest, 'multi');
      for (const one of [index, ...index.children]) {
        assert.notEqual(await subject.second.reader.manifest(repository, one.manifestDigest), undefined);
      }
    });

    test('leaves referrers behind, which are imported by their own digest', async () => {
      const repository = freshRepository();
      const image = sampleImage('subject');
      const signature = sampleImage('its signature', { subject: image, artifactType: 'application/x-test' });
      await subject.push(repository, image);
      await subject.push(repository, signature);
      await importInto(subject, repository, image.manifestDigest);
      assert.deepEqual(await subject.second.reader.referrers(repository, image.manifestDigest), []);
      await importInto(subject, repository, signature.manifestDigest);
      const found = await subject.second.reader.referrers(repository, image.manifestDigest);
      assert.deepEqual(
        found.map((one) => one.digest),
        [signature.manifestDigest],
      );
    });

    test('is done when the tag means the digest already', async () => {
      const repository = freshRepository();
      const image = sampleImage('twice');
      await subject.push(repository, image);
      await importInto(subject, repository, image.manifestDigest, '1.0.0');
      await importInto(subject, repository, image.manifestDigest, '1.0.0');
      await importInto(subject, repository, image.manifestDigest);
    });

    test('never moves a tag that means something else', async () => {
      const repository = freshRepository();
      const [one, other] = [sampleImage('one'), sampleImage('other')];
      await subject.push(repository, one);
      await subject.push(repository, other);
      await importInto(subject, repository, one.manifestDigest, '1.0.0');
      const error = await assertRefused(importInto(subject, repository, other.manifestDigest, '1.0.0'), 'tag-conflict');
      assert.equal(error.retry, 'no');
      assert.ok(error.got?.includes(one.manifestDigest));
      const kept = await subject.second.reader.manifest(repository, { tag: '1.0.0' });
      assert.equal(kept?.digest, one.manifestDigest);
    });

    test('fails for an image that the source does not have', async () => {
      const repository = freshRepository();
      await subject.push(repository, sampleImage('present'));
      await assertRefused(importInto(subject, repository, digestOf('absent')), 'import-failed');
    });

    test('refuses a source that it does not know', async () => {
      const request = { source: 'moon', repository: freshRepository(), digest: digestOf('x') };
      await assertRefused(subject.second.importer.begin(request, NEVER), 'environment-unknown');
    });

    test('can be waited for twice', async () => {
      const repository = freshRepository();
      const image = sampleImage('two waiters');
      await subject.push(repository, image);
      const request = { source: subject.source, repository, digest: image.manifestDigest };
      const ticket = await subject.second.importer.begin(request, NEVER);
      await Promise.all([1, 2].map(() => subject.second.importer.finish(ticket, NEVER)));
      await subject.second.importer.finish(ticket, NEVER);
    });

    test('stops with the reason of the one who stopped it', async () => {
      const repository = freshRepository();
      const image = sampleImage('stopped');
      await subject.push(repository, image);
      const request = { source: subject.source, repository, digest: image.manifestDigest };
      const reason = new Error('enough');
      await assert.rejects(subject.second.importer.begin(request, AbortSignal.abort(reason)), reason);
      assert.equal(await subject.second.reader.manifest(repository, image.manifestDigest), undefined);
      const ticket = await subject.second.importer.begin(request, NEVER);
      await assert.rejects(subject.second.importer.finish(ticket, AbortSignal.abort(reason)), reason);
    });

    for (const ticket of ['', 'null', '{}', '{"v":1}', 'not json']) {
      test(`refuses the ticket ${JSON.stringify(ticket)}`, async () => {
        await assertRefused(subject.second.importer.finish(ticket, NEVER), 'input-invalid');
      });
    }
  });
}
