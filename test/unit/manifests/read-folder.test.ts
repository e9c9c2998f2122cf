import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ManifestsError } from '../../../src/manifests/manifest-file.ts';
import { readFolder } from '../../../src/manifests/read-folder.ts';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-manifests-'));
  folder = join(root, 'iam');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

async function pathsOf(): Promise<readonly string[]> {
  return (await readFolder(folder)).map(({ path }) => path);
}

function refusedWith(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ManifestsError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

describe('when a folder of manifests is read', () => {
  test('.yaml, .yml and .json are taken, sorted by path, with their bytes', async () => {
    await write('staging/b.yml', 'b');
    await write('dev/z.yaml', 'z');
    await write('dev/deeper/a.json', '{}');
    const files = await readFolder(folder);
    assert.deepEqual(
      files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
      [
        ['dev/deeper/a.json', '{}'],
        ['dev/z.yaml', 'z'],
        ['staging/b.yml', 'b'],
      ],
    );
  });

  test('other and hidden files are left out, so that they do not change the digest', async () => {
    await write('dev/a.yaml');
    for (const other of [
      'README.md',
      'dev/.a.yaml.swp',
      'dev/.hidden.yaml',
      '.git/x.yaml',
      'dev/a.yaml~',
      '.DS_Store',
    ]) {
      await write(other);
    }
    assert.deepEqual(await pathsOf(), ['dev/a.yaml']);
  });

  test('a link to a file inside is that file', async () => {
    await write('base/a.yaml', 'a');
    await mkdir(join(folder, 'dev'));
    await symlink('../base/a.yaml', join(folder, 'dev/a.yaml'));
    assert.deepEqual(await pathsOf(), ['base/a.yaml', 'dev/a.yaml']);
  });

  test('the folder itself may be a link', async () => {
    await write('dev/a.yaml');
    await symlink(folder, join(root, 'link'));
    assert.equal((await readFolder(join(root, 'link'))).length, 1);
  });

  test('links that leave the folder, lead nowhere or lead to a folder are problems, all at once', async () => {
    await writeFile(join(root, 'secret.yaml'), 'secret');
    await mkdir(join(root, 'iam-2'));
    await writeFile(join(root, 'iam-2/near.yaml'), 'near');
    await write('dev/a.yaml');
    await symlink('../../secret.yaml', join(folder, 'dev/out.yaml'));
    await symlink('../../iam-2/near.yaml', join(folder, 'dev/near.yaml'));
    await symlink('nowhere.yaml', join(folder, 'dev/broken.yaml'));
    await symlink('.', join(folder, 'dev/loop.yaml'));
    await assert.rejects(readFolder(folder), (error) => {
      assert.ok(error instanceof ManifestsError);
      const places = error.problems.map(({ where }) => where).sort();
      assert.deepEqual(places, ['dev/broken.yaml', 'dev/loop.yaml', 'dev/near.yaml', 'dev/out.yaml']);
      return true;
    });
  });

  test('a linked folder is not entered, so that a loop ends', async () => {
    await write('dev/a.yaml');
    await symlink('..', join(folder, 'dev/up'));
    assert.deepEqual(await pathsOf(), ['dev/a.yaml']);
  });

  test('no such folder is "missing", with a remedy', async () => {
    await assert.rejects(readFolder(join(root, 'none')), refusedWith('manifests-missing', /no such folder/));
  });

  test('a file instead of a folder is "missing"', async () => {
    await write('dev/a.yaml');
    await assert.rejects(readFolder(join(folder, 'dev/a.yaml')), refusedWith('manifests-missing', /no such folder/));
  });

  test('a folder without manifests is "missing"', async () => {
    await write('README.md');
    await assert.rejects(readFolder(folder), refusedWith('manifests-missing', /no .yaml/));
  });

  test('a file too large is refused without being read', async () => {
    await write('dev/a.yaml', 'x'.repeat(512 * 1024 + 1));
    await assert.rejects(readFolder(folder), refusedWith('manifests-invalid', /dev\/a.yaml: larger than/));
  });

  test('folders too deep are refused', async () => {
    await write(`${'d/'.repeat(9)}a.yaml`);
    await assert.rejects(readFolder(folder), refusedWith('manifests-invalid', /folders deep/));
  });

  test('a folder with far too many files is given up early', async () => {
    await mkdir(join(folder, 'many'));
    await Promise.all(Array.from({ length: 1300 }, (_, index) => writeFile(join(folder, 'many', `${index}.txt`), '')));
    await assert.rejects(readFolder(folder), refusedWith('manifests-invalid', /more than 300 manifests/));
  });
});
