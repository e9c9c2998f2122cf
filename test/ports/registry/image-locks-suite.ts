/** What every ImageLocks does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { LockState, LockSubject } from '../../../src/ports/image-locks.ts';
import { assertRefused } from './refusals.ts';
import { freshRepository, importInto, type MakeSubject, type RegistrySubject, sampleImage } from './subject.ts';

const OPEN: LockState = { deletable: true, writable: true };
const SHUT: LockState = { deletable: false, writable: false };

export function imageLocksSuite(name: string, makeSubject: MakeSubject): void {
  describe(`image locks, ${name}`, () => {
    let subject: RegistrySubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    async function lockable(): Promise<{ readonly tag: LockSubject; readonly manifest: LockSubject }> {
      const repository = freshRepository();
      const image = sampleImage(`lock ${repository}`);
      await subject.push(repository, image);
      await importInto(subject, repository, image.manifestDigest, '1.0.0');
      return { tag: { repository, tag: '1.0.0' }, manifest: { repository, digest: image.manifestDigest } };
    }

    test('finds tag and manifest open at first', async () => {
      const { tag, manifest } = await lockable();
      assert.deepEqual(await subject.second.locks.read(tag), OPEN);
      assert.deepEqual(await subject.second.locks.read(manifest), OPEN);
    });

    test('locks the tag without the manifest, and the manifest without the tag', async () => {
      for (const which of ['tag', 'manifest'] as const) {
        const both = await lockable();
        await subject.second.locks.set(both[which], SHUT);
        assert.deepEqual(await subject.second.locks.read(both[which]), SHUT);
        assert.deepEqual(await subject.second.locks.read(both[which === 'tag' ? 'manifest' : 'tag']), OPEN);
      }
    });

    for (const state of [
      { deletable: false, writable: true },
      { deletable: true, writable: false },
    ]) {
      test(`sets both attributes at once: ${JSON.stringify(state)}`, async () => {
        const { manifest, tag } = await lockable();
        await subject.second.locks.set(manifest, state);
        await subject.second.locks.set(tag, state);
        assert.deepEqual(await subject.second.locks.read(manifest), state);
        assert.deepEqual(await subject.second.locks.read(tag), state);
      });
    }

    test('unlocks what is locked, and locks twice as once', async () => {
      const { tag, manifest } = await lockable();
      for (const one of [tag, manifest]) {
        await subject.second.locks.set(one, SHUT);
        await subject.second.locks.set(one, SHUT);
        await subject.second.locks.set(one, OPEN);
        assert.deepEqual(await subject.second.locks.read(one), OPEN);
      }
    });

    test('shows in one list what was changed last, and what it is', async () => {
      const { tag, manifest } = await lockable();
      assert.ok('digest' in manifest);
      const listed = () => subject.second.locks.changedLast(tag.repository, 10);
      assert.deepEqual([...(await listed())], [[manifest.digest, OPEN]]);
      await subject.second.locks.set(manifest, SHUT);
      assert.deepEqual([...(await listed())], [[manifest.digest, SHUT]]);
      assert.deepEqual([...(await subject.second.locks.changedLast(freshRepository(), 10))], []);
    });

    test('answers undefined for what the registry does not have, and refuses to lock it', async () => {
      const { tag } = await lockable();
      const missing: LockSubject[] = [
        { repository: tag.repository, tag: 'missing' },
        { repository: tag.repository, digest: digestOf('missing') },
        { repository: freshRepository(), tag: '1.0.0' },
      ];
      for (const one of missing) {
        assert.equal(await subject.second.locks.read(one), undefined);
        await assertRefused(subject.second.locks.set(one, SHUT), 'manifest-unknown');
      }
    });
  });
}
