/** Uploads at the wire: sessions that are lost, moved, or lied about. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { sampleImage } from '../../ports/registry/subject.ts';
import { type Scene, startScene } from './scene.ts';
import { registryError } from './wire.ts';

const ARTEFACT = sampleImage('published', { layers: 1 });

describe('when an artefact is pushed', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
    const { wire } = scene;
    wire.on('HEAD', /\/v2\/iam\/(blobs|manifests)\//, () => ({ status: 404 }));
    wire.on('POST', '/v2/iam/blobs/uploads/', () => ({
      status: 202,
      headers: { location: '/v2/iam/blobs/uploads/1?_state=a%2Bb' },
    }));
    wire.on('PUT', '/v2/iam/blobs/uploads/1', () => ({ status: 201 }));
    wire.on('PUT', `/v2/iam/manifests/${ARTEFACT.manifestDigest}`, () => ({
      status: 201,
      headers: { 'docker-content-digest': ARTEFACT.manifestDigest },
    }));
  });
  afterEach(() => scene.wire.close());
  const publish = () => scene.acr.publisher.publish('iam', ARTEFACT);
  const calls = (method: string): readonly string[] =>
    scene.wire.seen.filter((one) => one.method === method).map((one) => one.path);

  test('uploads blobs first and the manifest by its digest last', async () => {
    await publish();
    assert.deepEqual(calls('PUT'), [
      '/v2/iam/blobs/uploads/1',
      '/v2/iam/blobs/uploads/1',
      `/v2/iam/manifests/${ARTEFACT.manifestDigest}`,
    ]);
    const [first] = scene.wire.seen.filter((one) => one.method === 'PUT');
    assert.equal(
      first?.query,
      `_state=a%2Bb&digest=${encodeURIComponent(ARTEFACT.blobs[0]?.digest ?? '')}`,
      'the state of the session comes back unchanged',
    );
    assert.equal(first?.body, Buffer.from(ARTEFACT.blobs[0]?.bytes ?? []).toString('latin1'));
    const last = scene.wire.seen.at(-1);
    assert.equal(last?.headers['content-type'], ARTEFACT.mediaType);
    assert.equal(last?.body, Buffer.from(ARTEFACT.manifest).toString('latin1'));
  });

  test('uploads nothing that is there', async () => {
    scene.wire.on('HEAD', /blobs/, () => ({ status: 200 }));
    await publish();
    assert.equal(calls('POST').length, 0);
    scene.wire.on('HEAD', /manifests/, () => ({ status: 200 }));
    const before = scene.wire.seen.length;
    await publish();
    assert.equal(scene.wire.seen.length, before + 1);
  });

  test('starts the upload anew when the registry forgets the session', async () => {
    scene.wire.on('PUT', '/v2/iam/blobs/uploads/1', (_, count) =>
      count === 1 ? registryError(404, 'BLOB_UPLOAD_UNKNOWN') : undefined,
    );
    await publish();
    assert.equal(calls('POST').length, 3);
  });

  test('gives up when it always forgets', async () => {
    scene.wire.on('PUT', '/v2/iam/blobs/uploads/1', () => registryError(404, 'BLOB_UPLOAD_INVALID'));
    const error = await assertRefused(publish(), 'registry-failing');
    assert.equal(error.retry, 'yes');
  });

  test('takes an absolute address of the same registry', async () => {
    scene.wire.on('POST', '/v2/iam/blobs/uploads/', () => ({
      status: 202,
      headers: { location: `https://${scene.wire.host}/v2/iam/blobs/uploads/1` },
    }));
    await publish();
  });

  for (const location of ['https://evil.test/upload', 'http://127.0.0.1/upload', 'https://']) {
    test(`never uploads to ${location}`, async () => {
      scene.wire.on('POST', '/v2/iam/blobs/uploads/', () => ({ status: 202, headers: { location } }));
      await assertRefused(publish(), 'registry-protocol');
    });
  }

  test('refuses an upload session without an address', async () => {
    scene.wire.on('POST', '/v2/iam/blobs/uploads/', () => ({ status: 202 }));
    await assertRefused(publish(), 'registry-protocol');
  });

  test('notices that the registry stored something else', async () => {
    scene.wire.on('PUT', /manifests/, () => ({ status: 201, headers: { 'docker-content-digest': digestOf('else') } }));
    await assertRefused(publish(), 'digest-mismatch');
  });

  for (const [answer, code] of [
    [registryError(400, 'DIGEST_INVALID'), 'digest-mismatch'],
    [registryError(400, 'MANIFEST_BLOB_UNKNOWN'), 'blob-unknown'],
    [registryError(405, 'REGISTRY_DISALLOWED_OPERATION'), 'image-locked'],
    [registryError(403, 'DENIED'), 'registry-forbidden'],
  ] as const) {
    test(`${String(answer.status)} to the manifest is ${code}`, async () => {
      scene.wire.on('PUT', /manifests/, () => answer);
      await assertRefused(publish(), code);
    });
  }
});
