import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pullImage } from '../../../local/nodes/pull.ts';
import { PullError } from '../../../local/nodes/pull-error.ts';
import { type Registry, registry } from '../../../local/nodes/registry.ts';
import { anImage, anImageOf, anIndexOf, type BuiltImage, type Compression, sha256 } from './an-image.ts';
import { type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';

const BEHAVIOUR = { listen: 8080, responses: { '/health': { status: 200, body: 'fine' } } };
const HERE = process.arch === 'x64' ? 'amd64' : process.arch;

describe('when a node pulls an image', () => {
  let fixture: RegistryFixture;
  let client: Registry;
  let image: BuiltImage;
  let reference: string;

  before(async () => {
    fixture = await startRegistryFixture();
    image = await anImage(BEHAVIOUR);
  });
  beforeEach(() => {
    client?.close();
    client = registry(fixture.loginServer, fixture.access);
    fixture.answers.clear();
    fixture.requests.length = 0;
    reference = fixture.push('iam', image);
  });
  after(() => {
    client.close();
    fixture.close();
  });

  const pull = (what: string) =>
    pullImage(what, (server) => (server === fixture.loginServer ? client : undefined), AbortSignal.timeout(20_000));
  const refused = (what: string, message: RegExp, reason = 'ErrImagePull') =>
    assert.rejects(pull(what), (error) => {
      assert.ok(error instanceof PullError, String(error));
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
      return true;
    });

  test('it fetches manifest, configuration and layer, and reports the digest of the manifest', async () => {
    const pulled = await pull(reference);
    assert.equal(pulled.digest, image.digest);
    assert.equal(pulled.repository, `${fixture.loginServer}/iam`);
    assert.equal(pulled.blobs, 2);
    assert.deepEqual(JSON.parse(pulled.behaviour ?? ''), BEHAVIOUR);
    assert.deepEqual(
      fixture.requests.filter((path) => path.startsWith('/v2/')).map((path) => path.split('/').at(-1)),
      [image.digest, image.config, image.layers[0]],
    );
  });

  test('it logs in once for several pulls from a repository', async () => {
    await pull(reference);
    await pull(reference);
    assert.equal(fixture.requests.filter((path) => path === '/oauth2/token').length, 1);
  });

  test('it logs in again when its token is no longer taken', async () => {
    await pull(reference);
    fixture.revokeTokens();
    assert.equal((await pull(reference)).digest, image.digest);
  });

  test('it reports what a tag meant by digest', async () => {
    fixture.push('iam', image, '1.0.0');
    assert.equal((await pull(`${fixture.loginServer}/iam:1.0.0`)).digest, image.digest);
  });

  test('it takes the part of an index that is for this machine, and reports the digest of the index', async () => {
    const index = anIndexOf(image, HERE);
    assert.equal((await pull(fixture.push('iam', index))).digest, index.digest);
  });

  for (const compression of ['gzip', 'zstd', 'none'] satisfies Compression[]) {
    test(`it reads a layer with compression ${compression}`, async () => {
      const built = await anImageOf([{ 'sluice/behaviour.json': '{"listen":1}' }], { compression });
      assert.equal((await pull(fixture.push('iam', built))).behaviour, '{"listen":1}');
    });
  }

  const LAYERS: [string, Record<string, string>[], string | undefined][] = [
    ['no layer has a behaviour file', [{ 'bin/app': 'x' }], undefined],
    ['a later layer writes it again', [{ 'sluice/behaviour.json': 'old' }, { 'sluice/behaviour.json': 'new' }], 'new'],
    ['a later layer leaves it alone', [{ 'sluice/behaviour.json': 'kept' }, { 'etc/x': '' }], 'kept'],
    ['a later layer deletes it', [{ 'sluice/behaviour.json': 'x' }, { 'sluice/.wh.behaviour.json': '' }], undefined],
    ['a later layer deletes its folder', [{ 'sluice/behaviour.json': 'x' }, { '.wh.sluice': '' }], undefined],
    ['names start with ./', [{ './sluice/behaviour.json': 'dotted' }], 'dotted'],
    ['another file has the same end', [{ 'x/sluice/behaviour.json': 'other' }], undefined],
  ];
  for (const [what, layers, expected] of LAYERS) {
    test(`it sees the file system of all layers: ${what}`, async () => {
      assert.equal((await pull(fixture.push('iam', await anImageOf(layers)))).behaviour, expected);
    });
  }

  test('it follows a redirect to storage, without showing its token there', async () => {
    const layer = image.layers[0] ?? '';
    const location = `https://${fixture.loginServer}/storage/${layer}`;
    fixture.answers.set(`/v2/iam/blobs/${layer}`, { status: 307, location });
    assert.equal((await pull(reference)).digest, image.digest);
  });

  test('a missing image is not found, in the words of containerd', async () => {
    const absent = `${fixture.loginServer}/iam@sha256:${'0'.repeat(64)}`;
    await refused(
      absent,
      new RegExp(`^rpc error: code = NotFound desc = failed to pull and unpack image "${absent}": .*: not found$`),
    );
  });

  test('a missing layer is not found', async () => {
    fixture.answers.set(`/v2/iam/blobs/${image.layers[0]}`, { status: 404 });
    await refused(reference, /code = NotFound .*content at https:.*sha256:[0-9a-f]{64} not found/);
  });

  test('an identity without rights is denied', async () => {
    fixture.answers.set(`/v2/iam/manifests/${image.digest}`, { status: 401 });
    await refused(reference, /pull access denied.*insufficient_scope: authorization failed/);
  });

  test('an unknown host is not authorised', async () => {
    const { identity, caFile } = fixture.access;
    const stranger = registry(fixture.loginServer, { caFile, identity: { ...identity, header: 'guessed' } });
    await assert.rejects(
      pullImage(reference, () => stranger, AbortSignal.timeout(5000)),
      /failed to authorize: failed to fetch oauth token: unexpected status from GET .*: 401/,
    );
    stranger.close();
  });

  test('another answer of the registry is named by its status', async () => {
    fixture.answers.set(`/v2/iam/manifests/${image.digest}`, { status: 503 });
    await refused(reference, /unexpected status from GET request to https:.*: 503/);
  });

  test('a registry that this node does not know cannot be reached', async () => {
    await refused(`docker.io/library/nginx@${image.digest}`, /failed to do request: Get "https:\/\/docker.io\/v2\/"/);
  });

  test('a registry that is down cannot be reached', async () => {
    const gone = await startRegistryFixture();
    const down = registry(gone.loginServer, gone.access);
    gone.close();
    await assert.rejects(
      pullImage(`${gone.loginServer}/iam@${image.digest}`, () => down, AbortSignal.timeout(5000)),
      /failed to do request: .*ECONNREFUSED/,
    );
    down.close();
  });

  test('a name that is no image reference is invalid at once', async () => {
    for (const name of ['', 'iam', 'IAM:1', 'iam@sha256:short', `iam@sha512:${'0'.repeat(128)}`]) {
      await refused(name, /invalid reference format/, 'InvalidImageName');
    }
  });

  const ALTERED: [string, (image: BuiltImage) => string, RegExp][] = [
    ['the manifest', ({ digest }) => `/v2/iam/manifests/${digest}`, /failed commit on ref "manifest-sha256/],
    ['the configuration', ({ config }) => `/v2/iam/blobs/${config}`, /failed commit on ref "config-sha256|more than/],
    ['a layer', ({ layers }) => `/v2/iam/blobs/${layers[0]}`, /failed commit on ref "layer-sha256/],
  ];
  for (const [what, path, message] of ALTERED) {
    test(`content other than its digest says is refused: ${what}`, async () => {
      const name = path(image);
      const real = name.includes('manifests')
        ? image.manifest
        : (image.blobs.get(name.split('/').at(-1) ?? '') as Buffer);
      const body = Buffer.from(real);
      body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
      fixture.answers.set(name, { status: 200, body });
      await refused(reference, message);
    });
  }

  test('a layer longer than announced is refused before it is read to its end', async () => {
    const body = Buffer.concat([image.blobs.get(image.layers[0] ?? '') as Buffer, Buffer.alloc(1)]);
    fixture.answers.set(`/v2/iam/blobs/${image.layers[0]}`, { status: 200, body });
    await refused(reference, /is longer than its \d+ bytes/);
  });

  test('a layer that unpacks to something else than the configuration says is refused', async () => {
    const built = await anImageOf([{ 'sluice/behaviour.json': '{}' }], { diffIds: [sha256('other')] });
    await refused(fixture.push('iam', built), /wrong diff id/);
  });

  test('a layer that is no archive is refused', async () => {
    const built = await anImageOf([{ a: 'b' }]);
    const junk = Buffer.from('not a gzip stream');
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(junk), size: junk.length };
    const manifest = Buffer.from(JSON.stringify({ ...JSON.parse(built.manifest.toString()), layers: [layer] }));
    const blobs = new Map([...built.blobs, [layer.digest, junk]]);
    await refused(
      fixture.push('iam', { ...built, manifest, digest: sha256(manifest), blobs }),
      /failed to extract layer/,
    );
  });

  test('an index without this platform is refused', async () => {
    await refused(fixture.push('iam', anIndexOf(image, 's390x')), /no match for platform linux\//);
  });

  const HOSTILE: [string, (manifest: { layers: Record<string, unknown>[] }) => void][] = [
    [
      'a digest that leaves its folder',
      ({ layers }) => void Object.assign(layers[0] ?? {}, { digest: 'sha256:../../x' }),
    ],
    ['a digest that is none', ({ layers }) => void Object.assign(layers[0] ?? {}, { digest: 7 })],
    ['a negative size', ({ layers }) => void Object.assign(layers[0] ?? {}, { size: -1 })],
    ['too many layers', ({ layers }) => void layers.push(...Array.from({ length: 200 }, () => layers[0] ?? {}))],
  ];
  for (const [what, spoil] of HOSTILE) {
    test(`a hostile manifest is refused: ${what}`, async () => {
      const document = JSON.parse(image.manifest.toString());
      spoil(document);
      const manifest = Buffer.from(JSON.stringify(document));
      const spoilt = fixture.push('iam', { ...image, manifest, digest: sha256(manifest) });
      fixture.requests.length = 0;
      await assert.rejects(pull(spoilt), /layers/);
      assert.equal(fixture.requests.filter((path) => path.includes('/blobs/')).length, 0);
    });
  }

  test('what is no image is refused', async () => {
    const manifest = Buffer.from('{"schemaVersion":2}');
    const digest = sha256(manifest);
    await refused(fixture.push('iam', { digest, manifest, mediaType: image.mediaType }), /not an image/);
  });
});
