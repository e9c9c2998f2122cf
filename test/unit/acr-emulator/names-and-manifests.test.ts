import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '../../../local/acr-emulator/http/refusal.ts';
import { isDigest, isRepositoryName, isTag } from '../../../local/acr-emulator/store/digests.ts';
import { parseManifest } from '../../../local/acr-emulator/store/manifest.ts';

const HEX = 'a'.repeat(64);

describe('names', () => {
  const table: readonly (readonly [(text: string) => boolean, readonly string[], readonly string[]])[] = [
    [
      isDigest,
      [`sha256:${HEX}`, `sha512:${HEX}${HEX}`],
      [
        '',
        'sha256:',
        `sha256:${HEX}a`,
        `sha256:${HEX.toUpperCase()}`,
        `md5:${HEX}`,
        `sha256:${HEX}\n`,
        `sha512:${HEX}`,
      ],
    ],
    [isTag, ['1', 'v1.2-a_b', '_x', 'a'.repeat(128)], ['', '.1', '-1', 'a/b', 'a:b', 'a b', 'a'.repeat(129), '../x']],
    [
      isRepositoryName,
      ['iam', 'team/iam', 'a.b_c__d--e/f', `${'a/'.repeat(50)}a`],
      ['', '/', 'Iam', 'a//b', '../etc', 'a/../b', 'a/', '.a', 'a..b', 'a___b', 'a\0', 'a b', 'a'.repeat(221), 'ä'],
    ],
  ];
  for (const [accepts, good, bad] of table) {
    test(`${accepts.name} accepts what the specification allows`, () => {
      for (const text of good) assert.equal(accepts(text), true, JSON.stringify(text));
    });
    test(`${accepts.name} refuses everything else, above all ways out of the folder`, () => {
      for (const text of bad) assert.equal(accepts(text), false, JSON.stringify(text));
    });
  }
});

describe('manifests', () => {
  const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
  const INDEX = 'application/vnd.oci.image.index.v1+json';
  const descriptor = { mediaType: 'application/x', digest: `sha256:${HEX}`, size: 1 };
  const image = { schemaVersion: 2, config: descriptor, layers: [descriptor] };

  function parse(value: unknown, type: string | undefined = IMAGE): ReturnType<typeof parseManifest> {
    return parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), type);
  }

  test('an image needs its config and layers, but not layers that live elsewhere', () => {
    const foreign = { ...descriptor, urls: ['https://example.com/layer'] };
    assert.equal(parse({ ...image, layers: [descriptor, foreign] }).blobs.length, 2);
  });

  test('an index needs its children and no blobs', () => {
    const parsed = parse({ schemaVersion: 2, manifests: [descriptor] }, INDEX);
    assert.deepEqual([parsed.blobs.length, parsed.children.length], [0, 1]);
  });

  test('the media type comes from the content when the header is missing', () => {
    assert.equal(parse({ ...image, mediaType: IMAGE }, '').mediaType, IMAGE);
  });

  test('parameters of the content type are no part of the media type', () => {
    assert.equal(parse(image, `${IMAGE}; charset=utf-8`).mediaType, IMAGE);
  });

  const bad: readonly (readonly [string, unknown, string?])[] = [
    ['that is no JSON', '{'],
    ['that is a list', []],
    ['that is null', 'null'],
    ['without any media type', image, ''],
    ['whose media types disagree', { ...image, mediaType: INDEX }],
    ['of an unknown type', image, 'application/json'],
    ['of Docker schema 1', image, 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
    ['without a config', { ...image, config: undefined }],
    ['whose layers are no list', { ...image, layers: {} }],
    ['whose layer has no digest', { ...image, layers: [{ ...descriptor, digest: 'x' }] }],
    ['whose layer has a path as digest', { ...image, layers: [{ ...descriptor, digest: 'sha256:../../etc/passwd' }] }],
    ['whose size is a text', { ...image, config: { ...descriptor, size: '1' } }],
    ['whose subject is no descriptor', { ...image, subject: 'sha256:x' }],
    ['whose annotations are numbers', { ...image, annotations: { a: 1 } }],
    ['that is an index without manifests', { schemaVersion: 2 }, INDEX],
  ];
  for (const [title, value, type] of bad) {
    test(`one ${title} is invalid`, () => {
      assert.throws(
        () => parse(value, type ?? IMAGE),
        (error) => error instanceof Refusal && error.status === 400 && error.code === 'MANIFEST_INVALID',
      );
    });
  }
});
