import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { digestOf } from '../../../src/content/digest-of.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import {
  CONFIG_MEDIA_TYPE,
  LAYER_MEDIA_TYPE,
  MANIFEST_MEDIA_TYPE,
  type PackedManifests,
  packManifests,
  readArtefactManifest,
  unpackManifests,
} from '../../../src/manifests/artefact.ts';
import { type ManifestFile, ManifestsError } from '../../../src/manifests/manifest-file.ts';
import { storedGzip } from '../../../src/manifests/stored-gzip.ts';
import { DIGEST, OTHER_DIGEST, deployment, file } from './files.ts';

const SUBJECT = { digest: parseDigest(DIGEST), mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 504 };
const FILES = [file('dev/deployment.yaml', deployment()), file('staging/deployment.yaml', deployment())];

function layerOf({ blobs }: PackedManifests): Uint8Array {
  return blobs[1]!.bytes;
}

const segment = fc.string({ unit: fc.constantFrom(...'abcäß日-_. '), minLength: 1, maxLength: 40 });
const path = fc
  .array(segment, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.map((part) => (/^\.+$/.test(part) ? 'x' : part)).join('/'));
const files = fc.uniqueArray(fc.record({ path, bytes: fc.uint8Array({ maxLength: 3000 }) }), {
  selector: (one) => one.path,
  maxLength: 12,
});

describe('when manifests are packed', () => {
  test('the layout is the one of Flux, referring to the image', async () => {
    const artefact = await packManifests(FILES, SUBJECT);
    const manifest = JSON.parse(Buffer.from(artefact.manifest).toString()) as Record<string, unknown>;
    const [config, layer] = artefact.blobs;
    assert.deepEqual(manifest, {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: CONFIG_MEDIA_TYPE,
      config: { mediaType: CONFIG_MEDIA_TYPE, digest: config?.digest, size: config?.bytes.byteLength },
      layers: [{ mediaType: LAYER_MEDIA_TYPE, digest: layer?.digest, size: layer?.bytes.byteLength }],
      subject: SUBJECT,
    });
    assert.equal(artefact.manifestDigest, digestOf(artefact.manifest));
    for (const { digest, bytes } of artefact.blobs) assert.equal(digest, digestOf(bytes));
  });

  test('the config names the uncompressed layer, so that image tools accept it', async () => {
    const artefact = await packManifests(FILES, SUBJECT);
    const config = JSON.parse(Buffer.from(artefact.blobs[0]!.bytes).toString()) as { rootfs: { diff_ids: string[] } };
    assert.deepEqual(config.rootfs.diff_ids, [digestOf(gunzipSync(layerOf(artefact)))]);
  });

  test('the digest is this one, on every machine and with every version of every library', async () => {
    const artefact = await packManifests(FILES, SUBJECT);
    assert.equal(artefact.manifestDigest, 'sha256:16660304810fe1be76e85a5a82028035d177bc37e5b825bb7f9ab28589fdf1f6');
  });

  test('the order of the files does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.infiniteStream(fc.nat()), async (some, random) => {
        const order = some.map((one) => ({ one, at: random.next().value })).sort((a, b) => a.at - b.at);
        const shuffled = order.map(({ one }) => one);
        const [a, b] = await Promise.all([packManifests(some, SUBJECT), packManifests(shuffled, SUBJECT)]);
        assert.equal(a.manifestDigest, b.manifestDigest);
      }),
      { numRuns: 60 },
    );
  });

  test('unpacking gives back every path and byte', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (some) => {
        const unpacked = await unpackManifests(layerOf(await packManifests(some, SUBJECT)));
        const sorted = [...some].sort((a, b) => (a.path < b.path ? -1 : 1));
        assert.deepEqual(
          unpacked.map((one) => [one.path, [...one.bytes]]),
          sorted.map((one) => [one.path, [...one.bytes]]),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('another byte, another path and another subject are each another digest', async () => {
    const variants = await Promise.all([
      packManifests(FILES, SUBJECT),
      packManifests([FILES[0]!, file('staging/deployment.yaml', `${deployment()}\n`)], SUBJECT),
      packManifests([FILES[0]!, file('staging/deploy.yaml', deployment())], SUBJECT),
      packManifests(FILES, { ...SUBJECT, digest: parseDigest(OTHER_DIGEST) }),
    ]);
    assert.equal(new Set(variants.map(({ manifestDigest }) => manifestDigest)).size, 4);
  });

  test('what could not be unpacked again is refused, every problem at once', async () => {
    const bad = [
      '../x.yaml',
      '/x.yaml',
      'a//b.yaml',
      'a/./b.yaml',
      'C:\\x.yaml',
      'a\nb.yaml',
      '',
      'd/'.repeat(10) + 'x',
    ];
    const some = [...bad.map((one) => file(one, '')), file('a.yaml', ''), file('a.yaml', '')];
    await assert.rejects(packManifests(some, SUBJECT), (error) => {
      assert.ok(error instanceof ManifestsError && error.code === 'manifests-invalid');
      assert.equal(error.problems.length, bad.length + 1);
      assert.ok(!/[\n\r]/.test(error.message));
      return true;
    });
  });

  const sizes: readonly (readonly [string, readonly ManifestFile[]])[] = [
    ['a file of more than 512 KiB', [{ path: 'a', bytes: new Uint8Array(512 * 1024 + 1) }]],
    [
      'more than 2 MiB together',
      ['a', 'b', 'c', 'd', 'e'].map((one) => ({ path: one, bytes: new Uint8Array(450 * 1024) })),
    ],
    ['more than 300 files', Array.from({ length: 301 }, (_, index) => file(`f${index}`, ''))],
  ];
  for (const [name, some] of sizes) {
    test(`${name} is refused`, () => assert.rejects(packManifests(some, SUBJECT), ManifestsError));
  }

  test('the largest set that may be packed can be unpacked', async () => {
    const large = ['a', 'b', 'c', 'd'].map((one) => ({ path: one, bytes: new Uint8Array(512 * 1024) }));
    const rest = Array.from({ length: 296 }, (_, index) =>
      file(`${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(60)}/${index}`, ''),
    );
    const some = [...large, ...rest];
    assert.equal((await unpackManifests(layerOf(await packManifests(some, SUBJECT)))).length, 300);
  });
});

describe('when bytes are wrapped without compression', () => {
  test('every gzip reader gives them back, at the borders of blocks too', () => {
    for (const size of [0, 1, 0xfffe, 0xffff, 0x10000, 0x1ffff, 200_000]) {
      const bytes = Buffer.alloc(size, 'sluice');
      assert.ok(gunzipSync(storedGzip(bytes)).equals(bytes), String(size));
    }
  });
});

describe("when an artefact's manifest is read", () => {
  const layer = { mediaType: LAYER_MEDIA_TYPE, digest: DIGEST, size: 5 };
  const stored = (text: string, mediaType = MANIFEST_MEDIA_TYPE) => ({ mediaType, bytes: Buffer.from(text) });
  const json = (value: unknown, mediaType?: string) => stored(JSON.stringify(value), mediaType);

  test("the first layer of Flux's type is taken, whoever made it", () => {
    const other = { mediaType: 'application/octet-stream', digest: OTHER_DIGEST, size: 1 };
    assert.deepEqual(readArtefactManifest(json({ layers: [other, layer, { ...layer, digest: OTHER_DIGEST }] })), {
      layer: { digest: DIGEST, size: 5 },
      subject: undefined,
    });
  });

  test('the subject is told', async () => {
    const { manifest, mediaType } = await packManifests(FILES, SUBJECT);
    assert.equal(readArtefactManifest({ mediaType, bytes: manifest }).subject, DIGEST);
  });

  const index = 'application/vnd.oci.image.index.v1+json';
  const sha512 = `sha512:${'ab'.repeat(64)}`;
  const twice = JSON.stringify({ layers: [layer] }).replace(
    '{',
    `{"Layers":[${JSON.stringify({ ...layer, digest: OTHER_DIGEST })}],`,
  );
  const refused: readonly (readonly [string, { mediaType: string; bytes: Uint8Array }, string])[] = [
    ['no JSON', stored('{'), 'manifest-malformed'],
    ['null', stored('null'), 'manifest-malformed'],
    ['a list', stored('[]'), 'manifest-malformed'],
    [
      'what is nested without end',
      stored(`{"mediaType":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      'manifest-malformed',
    ],
    ['a digest that is none', json({ layers: [{ ...layer, digest: 'sha256:x' }] }), 'manifest-malformed'],
    ['no size', json({ layers: [{ ...layer, size: '5' }] }), 'manifest-malformed'],
    ['a subject that is none', json({ layers: [layer], subject: { digest: 'iam:1' } }), 'manifest-malformed'],
    ['no layers', json({}), 'manifests-invalid'],
    ['layers that are no list', json({ layers: layer }), 'manifests-invalid'],
    ['a layer of another type', json({ layers: [{ ...layer, mediaType: 'text/plain' }] }), 'manifests-invalid'],
    ['null as layer', json({ layers: [null] }), 'manifests-invalid'],
    ['the same key twice, in whatever case', stored(twice), 'manifest-ambiguous'],
    [
      'the same key twice, deep inside',
      stored(JSON.stringify({ layers: [layer] }).replace('"size":5', '"size":5,"size":6')),
      'manifest-ambiguous',
    ],
    ['an index and an image in one', json({ layers: [layer], manifests: [] }), 'manifest-ambiguous'],
    ['an index', json({ manifests: [] }, index), 'media-type-mismatch'],
    ['another type than the registry says', json({ mediaType: index, layers: [layer] }), 'media-type-mismatch'],
    [
      'another type than it says itself',
      json({ mediaType: MANIFEST_MEDIA_TYPE, layers: [layer] }, index),
      'media-type-mismatch',
    ],
    ['a layer by sha512', json({ layers: [{ ...layer, digest: sha512 }] }), 'digest-unsupported'],
    ['a subject by sha512', json({ layers: [layer], subject: { digest: sha512 } }), 'digest-unsupported'],
  ];
  for (const [name, manifest, code] of refused) {
    test(`${name} is refused: ${code}`, () => {
      assert.throws(
        () => readArtefactManifest(manifest),
        (error) => error instanceof ManifestsError && error.code === code,
      );
    });
  }
});

describe('when a layer is hostile', () => {
  test('anything but gzip is refused', async () => {
    for (const bytes of [
      new Uint8Array(),
      Buffer.from('hello'),
      storedGzip(Buffer.from('x'.repeat(2000))).subarray(0, 1000),
    ]) {
      await assert.rejects(unpackManifests(bytes), ManifestsError);
    }
  });

  test('a bomb is refused without being unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await assert.rejects(
      unpackManifests(bomb),
      (error) => error instanceof ManifestsError && /unpacks to more/.test(error.message),
    );
  });

  test('no random bytes do anything but be refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        await assert.rejects(unpackManifests(storedGzip(bytes)), ManifestsError);
      }),
      { numRuns: 100 },
    );
  });

  test('a tar that ends in the middle is refused', async () => {
    const tar = gunzipSync(layerOf(await packManifests(FILES, SUBJECT)));
    await assert.rejects(unpackManifests(storedGzip(tar.subarray(0, 700))), ManifestsError);
  });
});
