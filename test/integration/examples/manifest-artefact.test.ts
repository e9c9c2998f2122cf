import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLE_MANIFESTS, readExample } from '../../../examples/images.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { type PackedManifests, packManifests, unpackManifests } from '../../../src/manifests/artefact.ts';
import { readFolder } from '../../../src/manifests/read-folder.ts';
import { storedGzip } from '../../../src/manifests/stored-gzip.ts';
import { type ExampleRegistry, startExampleRegistry } from './example-registry.ts';

const run = promisify(execFile);
const crane = toolPath('crane');
const skip = crane !== undefined || process.env['CI'] ? false : 'crane is not installed: npm run setup';

describe('when the manifests of the example lie beside their image', { skip }, () => {
  let registry: ExampleRegistry;
  let artefact: PackedManifests;
  let reference: string;

  before(async () => {
    registry = await startExampleRegistry();
    const { image } = readExample('v1');
    const subject = { digest: image.digest, mediaType: image.mediaType, size: image.bytes.byteLength };
    artefact = await packManifests(await readFolder(fileURLToPath(EXAMPLE_MANIFESTS)), subject);
    await push(artefact);
    reference = `${registry.host}/iam@${artefact.manifestDigest}`;
  });
  after(() => registry.close());

  async function push({ blobs, manifest, manifestDigest, mediaType }: PackedManifests): Promise<void> {
    for (const { digest, bytes } of blobs) {
      const begun = await registry.upload('/v2/iam/blobs/uploads/', { method: 'POST' });
      const location = begun.headers.get('location') ?? '';
      const path = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
      assert.equal((await registry.upload(path, { method: 'PUT', body: bytes })).status, 201);
    }
    const put = { method: 'PUT', headers: { 'content-type': mediaType }, body: manifest };
    const answer = await registry.upload(`/v2/iam/manifests/${manifestDigest}`, put);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('oci-subject'), readExample('v1').image.digest);
  }

  const call = (...args: string[]) =>
    run(crane ?? 'crane', args, { env: registry.env, timeout: 60_000, encoding: 'buffer' });

  test('crane, whose library Flux reads artefacts with, finds manifest, config and layer consistent', async () => {
    const { stdout, stderr } = await call('validate', '--remote', reference);
    assert.match(`${stdout.toString()}${stderr.toString()}`, /PASS/);
  });

  test('the layer that crane fetches unpacks to the files of the folder', async () => {
    const { stdout } = await call('blob', `${registry.host}/iam@${artefact.blobs[1]?.digest}`);
    const unpacked = await unpackManifests(stdout);
    const folder = await readFolder(fileURLToPath(EXAMPLE_MANIFESTS));
    assert.deepEqual(
      unpacked.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
      folder.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
    );
  });

  test('the file system that crane exports is the same tar', async () => {
    const { stdout } = await call('export', reference, '-');
    const exported = await unpackManifests(storedGzip(stdout));
    assert.deepEqual(
      exported.map(({ path }) => path),
      (await readFolder(fileURLToPath(EXAMPLE_MANIFESTS))).map(({ path }) => path),
    );
  });
});
