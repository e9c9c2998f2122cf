import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { unpackManifests } from '../../../src/manifests/artefact.ts';
import { ManifestsError } from '../../../src/manifests/manifest-file.ts';

type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

async function layer(entries: readonly Entry[]): Promise<Uint8Array> {
  const archive = pack();
  for (const { content = '', ...header } of entries) {
    archive.entry(header, header.type === undefined || header.type === 'file' ? content : '');
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks));
}

describe('when a layer holds more than plain files below its root', () => {
  const refused: readonly (readonly [string, Entry])[] = [
    ['a path upwards', { name: '../evil.yaml' }],
    ['a path upwards in the middle', { name: 'dev/../../evil.yaml' }],
    ['an absolute path', { name: '/etc/passwd' }],
    ['a path with a drive', { name: 'C:/evil.yaml' }],
    ['backslashes', { name: 'dev\\..\\evil.yaml' }],
    ['a line break in a name', { name: 'dev/a\nb.yaml' }],
    ['a symbolic link', { name: 'dev/a.yaml', type: 'symlink', linkname: '/etc/passwd' }],
    ['a symbolic link inside', { name: 'dev/a.yaml', type: 'symlink', linkname: 'b.yaml' }],
    ['a hard link', { name: 'dev/a.yaml', type: 'link', linkname: '/etc/passwd' }],
    ['a device', { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 }],
    ['a pipe', { name: 'dev/pipe', type: 'fifo' }],
    ['a folder too deep', { name: `${'d/'.repeat(9)}a.yaml` }],
    ['a path too long', { name: `dev/${'x'.repeat(600)}.yaml` }],
    ['a file too large', { name: 'dev/a.yaml', content: 'x'.repeat(512 * 1024 + 1) }],
  ];
  for (const [name, entry] of refused) {
    test(`${name} is refused`, async () => {
      const bytes = await layer([{ name: 'dev/good.yaml', content: 'a: 1' }, entry]);
      await assert.rejects(unpackManifests(bytes), (error) => {
        assert.ok(error instanceof ManifestsError && error.code === 'manifests-invalid');
        assert.ok(!/[\n\r]/.test(error.message));
        return true;
      });
    });
  }

  test('the same path twice is refused: readers disagree about which one counts', async () => {
    const bytes = await layer([
      { name: 'dev/a.yaml', content: 'a: 1' },
      { name: './dev/a.yaml', content: 'a: 2' },
    ]);
    await assert.rejects(unpackManifests(bytes), ManifestsError);
  });

  test('more files than the limit are refused', async () => {
    const entries = Array.from({ length: 301 }, (_, index) => ({ name: `dev/${index}.yaml` }));
    await assert.rejects(unpackManifests(await layer(entries)), ManifestsError);
  });

  test('what other tools pack is read: folders, a leading "./", compression, long names', async () => {
    const long = `dev/${'x'.repeat(200)}.yaml`;
    const bytes = await layer([
      { name: './', type: 'directory' },
      { name: './dev/', type: 'directory', mode: 0o755 },
      { name: './dev/a.yaml', content: 'a: 1', uname: 'root', mtime: new Date(1e12) },
      { name: long, content: 'b: 2' },
    ]);
    assert.deepEqual(
      (await unpackManifests(bytes)).map(({ path }) => path),
      ['dev/a.yaml', long],
    );
  });
});
