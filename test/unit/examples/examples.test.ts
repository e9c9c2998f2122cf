import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unhealthyIn } from '../../../examples/behaviour.ts';
import { buildImage } from '../../../examples/build-image.ts';
import {
  EXAMPLES,
  EXAMPLE_KEYS,
  EXAMPLE_MANIFESTS,
  type Uploader,
  pushExample,
  readExample,
} from '../../../examples/images.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { unpackManifests } from '../../../src/manifests/artefact.ts';
import { readFolder } from '../../../src/manifests/read-folder.ts';
import { renderManifests } from '../../../src/manifests/render.ts';

const ROOT = fileURLToPath(new URL('../../../examples/', import.meta.url));

describe('when an example is read', () => {
  for (const name of EXAMPLES) {
    test(`${name} is whole: every blob that a manifest names is there, and no other`, () => {
      const { image, signatures, blobs } = readExample(name);
      const named = [image, ...signatures].flatMap(({ bytes }) => {
        const { config, layers } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, never> & {
          config: { digest: string };
          layers: { digest: string }[];
        };
        return [config.digest, ...layers.map(({ digest }) => digest)];
      });
      assert.deepEqual([...new Set(named)].sort(), blobs.map(({ digest }) => digest).sort());
      const files = readdirSync(`${ROOT}iam/images/${name}/blobs/sha256`).map((hex) => `sha256:${hex}`);
      const manifests = [image, ...signatures].map(({ digest }) => digest);
      assert.deepEqual(files.sort(), [...blobs.map(({ digest }) => digest), ...manifests].sort());
    });
  }

  test('the versions are the ones that the story tells, each once', () => {
    const versions = EXAMPLES.map((name) => readExample(name).version);
    assert.deepEqual(versions, ['2026.11.3', '2026.11.4', '2026.11.5', '2026.11.6']);
  });

  test('the committed images are what the script builds', async () => {
    const { version, image } = readExample('v2');
    const built = await buildImage('iam', version, unhealthyIn(version, ['staging', 'production']));
    assert.equal(built.manifest.digest, image.digest);
  });

  test('v2 is well in dev, ready everywhere, and fails /health from staging on', async () => {
    const { image, blobs } = readExample('v2');
    const { layers } = JSON.parse(Buffer.from(image.bytes).toString()) as { layers: { digest: string }[] };
    const layer = blobs.find(({ digest }) => digest === layers[0]?.digest);
    const [file] = await unpackManifests(layer?.bytes ?? new Uint8Array());
    assert.equal(file?.path, 'sluice/behaviour.json');
    const behaviour = JSON.parse(Buffer.from(file.bytes).toString()) as ReturnType<typeof unhealthyIn>;
    assert.equal(behaviour.responses['/health']?.status, 200);
    assert.equal(behaviour.responses['/ready']?.status, 200);
    const bad = behaviour.when.map(({ env, responses }) => [
      env['ENVIRONMENT'],
      Object.keys(responses),
      responses['/health']?.status,
    ]);
    assert.deepEqual(bad, [
      ['staging', ['/health'], 500],
      ['production', ['/health'], 500],
    ]);
  });

  test('the two public keys differ, and no private key is in the folder', () => {
    assert.notEqual(readFileSync(EXAMPLE_KEYS.trusted, 'utf8'), readFileSync(EXAMPLE_KEYS.foreign, 'utf8'));
    const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((path) => `${ROOT}${path}`);
    const contents = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path));
    assert.ok(contents.every((bytes) => !/BEGIN [A-Z ]*PRIVATE KEY/.test(bytes.toString('latin1'))));
    assert.ok(contents.reduce((sum, bytes) => sum + bytes.byteLength, 0) < 200_000);
  });
});

describe('when the manifests of the example are rendered', () => {
  const namespaces = { dev: 'iam-dev', staging: 'iam-staging', production: 'iam' };
  for (const [environment, namespace] of Object.entries(namespaces)) {
    test(`${environment} has no problem, and states its environment to the container`, async () => {
      const image = `registry.test/iam@${readExample('v1').image.digest}`;
      const files = await readFolder(fileURLToPath(EXAMPLE_MANIFESTS));
      const rendered = renderManifests({
        files,
        environment,
        namespace,
        repository: 'iam',
        image,
        workloads: ['deployment/iam'],
        rules: {},
      });
      assert.ok(rendered.ok, JSON.stringify(rendered));
      assert.deepEqual(
        rendered.objects.map(({ kind, metadata }) => [kind, metadata.namespace]),
        [
          ['ConfigMap', namespace],
          ['Service', namespace],
          ['Deployment', namespace],
        ],
      );
      const text = JSON.stringify(rendered.objects);
      assert.ok(text.includes(`{"name":"ENVIRONMENT","value":"${environment}"}`));
      assert.ok(text.includes(`"image":"${image}"`));
    });
  }
});

describe('when an example is pushed', () => {
  interface Call {
    readonly method: string;
    readonly path: string;
  }

  function recorder(status: (call: Call) => number): {
    calls: Call[];
    upload: Uploader;
    bodies: Map<string, Uint8Array>;
  } {
    const calls: Call[] = [];
    const bodies = new Map<string, Uint8Array>();
    const upload: Uploader = async (path, { method, body }) => {
      calls.push({ method, path });
      if (body !== undefined) bodies.set(path, body);
      const location = '/v2/iam/blobs/uploads/1?state=x';
      return {
        status: status({ method, path }),
        headers: { get: (name) => (name === 'location' && method === 'POST' ? location : null) },
        text: async () => 'what the registry said',
      };
    };
    return { calls, upload, bodies };
  }

  const well = ({ method }: Call): number => (method === 'POST' ? 202 : 201);

  test('blobs go first, then the image under its version, then the signatures', async () => {
    const { calls, upload, bodies } = recorder(well);
    const { image, blobs } = await pushExample(upload, 'v1');
    const manifests = calls.filter(({ path }) => path.includes('/manifests/')).map(({ path }) => path);
    assert.equal(manifests[0], '/v2/iam/manifests/2026.11.3');
    assert.match(manifests[1] ?? '', /\/v2\/iam\/manifests\/sha256:[0-9a-f]{64}$/);
    assert.equal(manifests[2], `/v2/iam/manifests/sha256-${image.digest.slice(7)}.sig`);
    assert.ok(calls.slice(0, 2 * blobs.length).every(({ path }) => path.includes('/blobs/uploads/')));
    for (const { digest, bytes } of blobs) {
      assert.equal(digestOf(bytes), digest);
      assert.ok(bodies.has(`/v2/iam/blobs/uploads/1?state=x&digest=${encodeURIComponent(digest)}`));
    }
  });

  test('a registry that says no is told with its words', async () => {
    const { upload } = recorder((call) => (call.path.includes('/manifests/') ? 405 : well(call)));
    await assert.rejects(
      pushExample(upload, 'v1'),
      /PUT \/v2\/iam\/manifests\/2026.11.3: expected 201, got 405 what the/,
    );
  });
});
