/** What a registry gave once need not be asked for again; whether it is there always is. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { remembering } from '../../../src/adapters/registry/remembering.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { sampleImage } from '../../ports/registry/subject.ts';

const IMAGE = sampleImage('remembered', { layers: 1 });
const DIGEST = IMAGE.manifestDigest;
const [BLOB, OTHER] = IMAGE.blobs as [(typeof IMAGE.blobs)[0], (typeof IMAGE.blobs)[0]];

let asked: string[];
let plain: RegistryReader;
beforeEach(() => {
  asked = [];
  const registries = createMemoryRegistries({ hosts: { dev: 'dev.test' } });
  const { mediaType, manifest, blobs } = IMAGE;
  for (const repository of ['iam', 'other'])
    registries.push('dev', repository, { mediaType, manifest, blobs: blobs.map(({ bytes }) => bytes), tag: '1.0.0' });
  plain = counted(registries.registry('dev').reader);
});

/** Notes each question. */
function counted(reader: RegistryReader): RegistryReader {
  return {
    ...reader,
    manifest: (...what) => (asked.push('manifest'), reader.manifest(...what)),
    blob: (...what) => (asked.push('blob'), reader.blob(...what)),
    hasBlob: (...what) => (asked.push('has-blob'), reader.hasBlob(...what)),
    referrers: (...what) => (asked.push('referrers'), reader.referrers(...what)),
  };
}

function rememberingOf(most?: number): { readonly reader: RegistryReader; readonly remembered: RegistryReader } {
  const reader = remembering(plain, most);
  assert.ok(reader.remembered !== undefined);
  return { reader, remembered: reader.remembered };
}

describe('a registry whose content is remembered', () => {
  it('is not asked again for bytes that it gave under their digest', async () => {
    const { reader, remembered } = rememberingOf();
    const first = [await reader.manifest('iam', DIGEST), await reader.blob('iam', BLOB.digest, 1000)];
    const again = [await remembered.manifest('iam', DIGEST), await remembered.blob('iam', BLOB.digest, 1000)];
    assert.deepEqual(again, first);
    assert.deepEqual(asked, ['manifest', 'blob']);
  });

  it('remembers what a tag led to, and asks each time what it means', async () => {
    const { remembered } = rememberingOf();
    for (let time = 0; time < 2; time += 1)
      assert.equal((await remembered.manifest('iam', { tag: '1.0.0' }))?.digest, DIGEST);
    await remembered.manifest('iam', DIGEST);
    assert.deepEqual(asked, ['manifest', 'manifest']);
  });

  it('is asked each time by whoever wants to know whether something is there', async () => {
    const { reader, remembered } = rememberingOf();
    for (let time = 0; time < 2; time += 1) {
      await reader.manifest('iam', DIGEST);
      await reader.blob('iam', BLOB.digest, 1000);
      await remembered.hasBlob('iam', BLOB.digest);
      await remembered.referrers('iam', DIGEST);
    }
    const each = ['manifest', 'blob', 'has-blob', 'referrers'];
    assert.deepEqual(asked, [...each, ...each]);
  });

  it('is asked for the same bytes in another repository, which is not everybody’s', async () => {
    const { remembered } = rememberingOf();
    await remembered.manifest('iam', DIGEST);
    await remembered.manifest('other', DIGEST);
    assert.deepEqual(asked, ['manifest', 'manifest']);
  });

  it('is asked again for what it did not have', async () => {
    const { remembered } = rememberingOf();
    const missing = `sha256:${'0'.repeat(64)}` as Digest;
    for (let time = 0; time < 2; time += 1) assert.equal(await remembered.manifest('iam', missing), undefined);
    assert.deepEqual(asked, ['manifest', 'manifest']);
  });

  it('refuses what is longer than whoever asks will take, remembered or not', async () => {
    const { remembered } = rememberingOf();
    await remembered.blob('iam', BLOB.digest, 1000);
    await assertRefused(remembered.blob('iam', BLOB.digest, 1), 'registry-protocol');
  });

  it('forgets first what was asked for longest ago, and keeps nothing that is too large', async () => {
    const narrow = rememberingOf(2 * Math.max(BLOB.bytes.length, OTHER.bytes.length));
    for (const { digest } of [BLOB, OTHER, BLOB, BLOB]) await narrow.remembered.blob('iam', digest, 1000);
    assert.equal(asked.length, 3, 'there is room for one of both');
    const none = rememberingOf(2);
    asked = [];
    for (let time = 0; time < 2; time += 1) await none.remembered.blob('iam', BLOB.digest, 1000);
    assert.equal(asked.length, 2);
  });
});
