/** Manifests, blobs and referrers at the wire: what is believed, what is not. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { hexOf } from '../../../src/domain/digest.ts';
import { OCI_INDEX, OCI_MANIFEST, sampleImage } from '../../ports/registry/subject.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { type Scene, startScene } from './scene.ts';
import { json, registryError, startWire, type Wire } from './wire.ts';

const IMAGE = sampleImage('reading');
const OTHER = sampleImage('other');
const MANIFEST = { 'content-type': OCI_MANIFEST };
const BLOB = Buffer.from('blob content');
const BLOB_DIGEST = digestOf(BLOB);

describe('when the registry answers', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(() => scene.wire.close());

  const byTag = () => scene.acr.reader.manifest('iam', { tag: '1' });
  const byDigest = () => scene.acr.reader.manifest('iam', IMAGE.manifestDigest);
  const blob = (limit = 100) => scene.acr.reader.blob('iam', BLOB_DIGEST, limit);
  const referrers = (atMost?: number) => scene.acr.reader.referrers('iam', IMAGE.manifestDigest, atMost);

  test('asks for all four kinds of manifest and reports the stored one', async () => {
    scene.wire.on('GET', '/v2/iam/manifests/1', () => ({
      status: 200,
      headers: { 'content-type': `${OCI_MANIFEST}; charset=utf-8` },
      body: IMAGE.manifest,
    }));
    assert.equal((await byTag())?.mediaType, OCI_MANIFEST);
    const accept = String(scene.wire.seen.at(-1)?.headers.accept);
    for (const kind of [
      'oci.image.manifest',
      'oci.image.index',
      'docker.distribution.manifest.v2',
      'docker.distribution.manifest.list',
    ]) {
      assert.ok(accept.includes(kind), kind);
    }
  });

  test('refuses a manifest that is not the digest that was asked for', async () => {
    scene.wire.on('GET', /manifests/, () => ({ status: 200, headers: MANIFEST, body: OTHER.manifest }));
    const error = await assertRefused(byDigest(), 'digest-mismatch');
    assert.equal(error.retry, 'no');
    assert.equal(error.expected, IMAGE.manifestDigest);
    assert.equal(error.got, OTHER.manifestDigest);
  });

  test('refuses a tagged manifest that is not what the registry says it is', async () => {
    const headers = { ...MANIFEST, 'docker-content-digest': OTHER.manifestDigest };
    scene.wire.on('GET', /manifests/, () => ({ status: 200, headers, body: IMAGE.manifest }));
    await assertRefused(byTag(), 'digest-mismatch');
  });

  test('refuses a manifest without a type, and one that is larger than manifests are', async () => {
    scene.wire.on('GET', /manifests/, () => ({ status: 200, body: IMAGE.manifest }));
    await assertRefused(byTag(), 'registry-protocol');
    scene.wire.on('GET', /manifests/, () => ({
      status: 200,
      headers: MANIFEST,
      body: Buffer.alloc(4 * 1024 * 1024 + 1),
    }));
    await assertRefused(byTag(), 'registry-protocol');
  });

  for (const code of ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'TAG_UNKNOWN']) {
    test(`takes 404 ${code} for the registry's own no`, async () => {
      scene.wire.on('GET', /manifests/, () => registryError(404, code));
      assert.equal(await byTag(), undefined);
    });
  }

  for (const body of ['404 page not found', '<html>', '{}', '{"errors":[]}', '{"errors":[{"code":7}]}']) {
    test(`does not take a 404 of somebody else for a no: ${body}`, async () => {
      scene.wire.on('GET', /manifests/, () => ({ status: 404, body }));
      await assertRefused(byTag(), 'registry-protocol');
    });
  }

  test('refuses a blob that is not its digest', async () => {
    scene.wire.on('GET', `/v2/iam/blobs/${BLOB_DIGEST}`, () => ({ status: 200, body: 'blob c0ntent' }));
    await assertRefused(blob(), 'digest-mismatch');
  });

  test('stops at the limit, announced or not', async () => {
    scene.wire.on('GET', /blobs/, () => ({ status: 200, body: BLOB }));
    assert.deepEqual(Buffer.from(await blob(BLOB.length)), BLOB);
    await assertRefused(blob(BLOB.length - 1), 'registry-protocol');
    scene.wire.on('GET', /blobs/, () => ({
      status: 200,
      headers: { 'transfer-encoding': 'chunked' },
      body: BLOB,
    }));
    await assertRefused(blob(BLOB.length - 1), 'registry-protocol');
  });

  test('asks again when a body breaks off, and says so when it always does', async () => {
    scene.wire.on('GET', /blobs/, (_, count) => ({ status: 200, body: BLOB, ...(count < 3 ? { cut: 'body' } : {}) }));
    assert.deepEqual(Buffer.from(await blob()), BLOB);
    scene.wire.on('GET', /blobs/, () => ({ status: 200, body: BLOB, cut: 'body' }));
    const error = await assertRefused(blob(), 'registry-unreachable');
    assert.equal(error.retry, 'yes');
    assert.equal(scene.wire.seen.length, 6);
  });

  test('sees a blob by HEAD', async () => {
    scene.wire.on('HEAD', /blobs/, (_, count) =>
      count === 1 ? { status: 200, headers: { 'content-length': '999999' } } : { status: 404 },
    );
    assert.equal(await scene.acr.reader.hasBlob('iam', BLOB_DIGEST), true);
    assert.equal(await scene.acr.reader.hasBlob('iam', BLOB_DIGEST), false);
  });

  test('follows the pages of referrers and keeps their order', async () => {
    const page = (image: typeof IMAGE) => ({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ mediaType: OCI_MANIFEST, digest: image.manifestDigest, size: 3, artifactType: '' }],
    });
    scene.wire.on('GET', /referrers/, ({ query }) =>
      query === ''
        ? json(200, page(OTHER), { link: '</v2/iam/referrers/x?last=1&n=1>; rel="next"' })
        : json(200, page(IMAGE)),
    );
    assert.deepEqual(await referrers(), [
      { digest: OTHER.manifestDigest, mediaType: OCI_MANIFEST, size: 3 },
      { digest: IMAGE.manifestDigest, mediaType: OCI_MANIFEST, size: 3 },
    ]);
  });

  test('ends pages that go round, and never follows them elsewhere', async () => {
    scene.wire.on('GET', /referrers/, () =>
      json(200, { manifests: [] }, { link: '</v2/iam/referrers/x?again>; rel="next"' }),
    );
    await assertRefused(referrers(), 'registry-protocol');
    assert.ok(scene.wire.seen.length <= 20);
    scene.wire.on('GET', /referrers/, () =>
      json(200, { manifests: [] }, { link: '<https://evil.test/v2/>; rel="next"' }),
    );
    await assertRefused(referrers(), 'registry-protocol');
  });

  for (const code of ['NAME_UNKNOWN', 'NOT_FOUND'])
    test(`does not take what came before a page that is lost (${code}) for nothing`, async () => {
      scene.wire.on('GET', /referrers/, ({ query }) =>
        query === ''
          ? json(200, { manifests: [] }, { link: '</v2/iam/referrers/x?last=1>; rel="next"' })
          : registryError(404, code),
      );
      scene.wire.on('GET', /manifests\/sha256-/, () => registryError(404, 'MANIFEST_UNKNOWN'));
      await assertRefused(referrers(), 'registry-protocol');
    });

  test('falls back to the tag schema where the API is missing', async () => {
    scene.wire.on('GET', /referrers/, () => ({ status: 404, body: '404 page not found' }));
    scene.wire.on('GET', `/v2/iam/manifests/sha256-${hexOf(IMAGE.manifestDigest)}`, () => ({
      status: 200,
      headers: { 'content-type': OCI_INDEX },
      body: JSON.stringify({
        manifests: [{ mediaType: OCI_MANIFEST, digest: OTHER.manifestDigest, size: 1, annotations: { a: 'b' } }],
      }),
    }));
    assert.deepEqual(await referrers(), [
      { digest: OTHER.manifestDigest, mediaType: OCI_MANIFEST, size: 1, annotations: { a: 'b' } },
    ]);
    scene.wire.on('GET', /manifests\/sha256-/, () => registryError(404, 'MANIFEST_UNKNOWN'));
    assert.deepEqual(await referrers(), []);
  });

  test('does not call an outage "no referrers"', async () => {
    for (const [status, code] of [
      [500, 'registry-failing'],
      [401, 'registry-protocol'],
      [403, 'registry-forbidden'],
      [424, 'registry-protocol'],
    ] as const) {
      scene.wire.on('GET', /referrers/, () => registryError(status, 'UNKNOWN'));
      await assertRefused(referrers(), code);
    }
  });

  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"manifests":{}}',
    '{"manifests":[null]}',
    '{"manifests":[{"digest":"sha256:x"}]}',
    '{"manifests":[{"digest":1,"mediaType":"x","size":1}]}',
    '{"manifests":[{"digest":"x","mediaType":"x","size":-1}]}',
  ]) {
    test(`refuses a list of referrers that is none: ${body}`, async () => {
      scene.wire.on('GET', /referrers/, () => ({ status: 200, headers: { 'content-type': OCI_INDEX }, body }));
      await assertRefused(referrers(), 'registry-protocol');
    });
  }

  test('leaves out referrers under a digest that cannot be named here, and refuses where all are wanted', async () => {
    scene.wire.on('GET', /referrers/, () =>
      json(200, { manifests: [{ digest: `sha512:${'0'.repeat(128)}`, mediaType: OCI_MANIFEST, size: 1 }] }),
    );
    assert.deepEqual(await referrers(), []);
    await assertRefused(referrers(10), 'digest-unsupported');
  });

  test('reads no further than so many referrers', async () => {
    const manifests = Array.from({ length: 3 }, (_, at) => {
      return { mediaType: OCI_MANIFEST, digest: digestOf(String(at)), size: 1 };
    });
    scene.wire.on('GET', /referrers/, (_, count) =>
      json(200, { manifests }, { link: `</v2/iam/referrers/x?last=${count}>; rel="next"` }),
    );
    await assertRefused(referrers(7), 'referrers-too-many');
    assert.equal(scene.wire.seen.length, 3);
    await assertRefused(referrers(), 'referrers-too-many');
    assert.ok(scene.wire.seen.length <= 3 + 20);
    scene.wire.on('GET', /referrers/, () => ({ status: 404, body: '404 page not found' }));
    scene.wire.on('GET', /manifests\/sha256-/, () => ({
      status: 200,
      headers: { 'content-type': OCI_INDEX },
      body: JSON.stringify({ manifests }),
    }));
    assert.equal((await referrers(3)).length, 3);
    await assertRefused(referrers(2), 'referrers-too-many');
  });
});

describe('when a blob lies in storage elsewhere', () => {
  let scene: Scene;
  let storage: Wire;
  beforeEach(async () => {
    storage = await startWire();
    scene = await startScene();
  });
  afterEach(async () => {
    await scene.wire.close();
    await storage.close();
  });

  function redirecting(location: string): Scene['acr'] {
    scene.wire.on('GET', /blobs/, () => ({ status: 307, headers: { location } }));
    scene.wire.on('HEAD', /blobs/, () => ({ status: 307, headers: { location } }));
    return scene.acr;
  }

  test('follows without showing the token', async () => {
    const acr = redirecting(`https://${storage.host}/container/blob?sig=SIGNEDSECRET`);
    storage.on('GET', '/container/blob', () => ({ status: 200, body: BLOB }));
    storage.on('HEAD', '/container/blob', () => ({ status: 200 }));
    assert.deepEqual(Buffer.from(await acr.reader.blob('iam', BLOB_DIGEST, 100)), BLOB);
    assert.equal(await acr.reader.hasBlob('iam', BLOB_DIGEST), true);
    for (const one of storage.seen) assert.equal(one.headers.authorization, undefined);
  });

  test('hashes what storage serves, too', async () => {
    const acr = redirecting(`https://${storage.host}/blob`);
    storage.on('GET', '/blob', () => ({ status: 200, body: 'something else' }));
    await assertRefused(acr.reader.blob('iam', BLOB_DIGEST, 100), 'digest-mismatch');
  });

  test('asks the registry for a new address when storage breaks off', async () => {
    const acr = redirecting(`https://${storage.host}/blob`);
    storage.on('GET', '/blob', (_, count) => (count === 1 ? { status: 503 } : { status: 200, body: BLOB }));
    await acr.reader.blob('iam', BLOB_DIGEST, 100);
    assert.equal(scene.wire.seen.filter((one) => one.path.includes('/blobs/')).length, 2);
  });

  for (const location of ['http://127.0.0.1:1/blob', 'file:///etc/passwd', '', 'https://']) {
    test(`never follows to ${JSON.stringify(location)}`, async () => {
      await assertRefused(redirecting(location).reader.blob('iam', BLOB_DIGEST, 100), 'registry-protocol');
    });
  }

  test('ends a redirect that goes round', async () => {
    const acr = redirecting(`https://${storage.host}/round`);
    storage.on('GET', '/round', () => ({ status: 302, headers: { location: '/round' } }));
    await assertRefused(acr.reader.blob('iam', BLOB_DIGEST, 100), 'registry-protocol');
    assert.ok(storage.seen.length <= 3);
  });

  test('never shows the signature of the address in an error', async () => {
    const acr = redirecting(`https://${storage.host}/blob?sig=SIGNEDSECRET`);
    storage.on('GET', '/blob', () => ({ status: 403, body: '<Error><Code>AuthenticationFailed</Code></Error>' }));
    const error = await assertRefused(acr.reader.blob('iam', BLOB_DIGEST, 100), 'registry-forbidden');
    assert.ok(!JSON.stringify([error.message, error.got, error.remedy]).includes('SIGNEDSECRET'));
    assert.match(error.remedy ?? '', /the storage behind/);
  });
});
