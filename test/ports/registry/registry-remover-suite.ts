/** What every RegistryRemover does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { assertRefused } from './refusals.ts';
import { freshRepository, importInto, type MakeSubject, type RegistrySubject, sampleImage } from './subject.ts';

export function registryRemoverSuite(name: string, makeSubject: MakeSubject): void {
  describe(`registry remover, ${name}`, () => {
    let subject: RegistrySubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    async function copied(): Promise<{ readonly repository: string; readonly digest: Digest }> {
      const repository = freshRepository();
      const image = sampleImage(`remove ${repository}`);
      await subject.push(repository, image);
      await importInto(subject, repository, image.manifestDigest, '1.0.0');
      return { repository, digest: image.manifestDigest };
    }

    test('takes a tag away and leaves the manifest', async () => {
      const { repository, digest } = await copied();
      assert.equal(await subject.second.remover.untag(repository, '1.0.0', digest), true);
      assert.equal(await subject.second.reader.manifest(repository, { tag: '1.0.0' }), undefined);
      assert.notEqual(await subject.second.reader.manifest(repository, digest), undefined);
    });

    test('leaves a tag that means something else', async () => {
      const { repository, digest } = await copied();
      assert.equal(await subject.second.remover.untag(repository, '1.0.0', digestOf('other')), false);
      assert.equal((await subject.second.reader.manifest(repository, { tag: '1.0.0' }))?.digest, digest);
    });

    test('succeeds where there is no such tag', async () => {
      const { repository, digest } = await copied();
      assert.equal(await subject.second.remover.untag(repository, 'missing', digest), true);
      assert.equal(await subject.second.remover.untag(freshRepository(), '1.0.0', digest), true);
    });

    test('deletes a manifest with its tags', async () => {
      const { repository, digest } = await copied();
      await subject.second.remover.deleteManifest(repository, digest);
      assert.equal(await subject.second.reader.manifest(repository, digest), undefined);
      assert.equal(await subject.second.reader.manifest(repository, { tag: '1.0.0' }), undefined);
    });

    test('deletes twice as once, and what was never there', async () => {
      const { repository, digest } = await copied();
      await subject.second.remover.deleteManifest(repository, digest);
      await subject.second.remover.deleteManifest(repository, digest);
      await subject.second.remover.deleteManifest(freshRepository(), digest);
    });

    for (const state of [
      { deletable: false, writable: true },
      { deletable: true, writable: false },
      { deletable: false, writable: false },
    ]) {
      test(`refuses to remove what is locked: ${JSON.stringify(state)}`, async () => {
        const { repository, digest } = await copied();
        await subject.second.locks.set({ repository, tag: '1.0.0' }, state);
        await subject.second.locks.set({ repository, digest }, state);
        await assertRefused(subject.second.remover.untag(repository, '1.0.0', digest), 'image-locked');
        await assertRefused(subject.second.remover.deleteManifest(repository, digest), 'image-locked');
        assert.equal((await subject.second.reader.manifest(repository, { tag: '1.0.0' }))?.digest, digest);
      });
    }

    test('removes what has been unlocked', async () => {
      const { repository, digest } = await copied();
      const open = { deletable: true, writable: true };
      for (const one of [
        { repository, tag: '1.0.0' },
        { repository, digest },
      ]) {
        await subject.second.locks.set(one, { deletable: false, writable: false });
        await subject.second.locks.set(one, open);
      }
      assert.equal(await subject.second.remover.untag(repository, '1.0.0', digest), true);
      await subject.second.remover.deleteManifest(repository, digest);
      assert.equal(await subject.second.reader.manifest(repository, digest), undefined);
    });
  });
}
