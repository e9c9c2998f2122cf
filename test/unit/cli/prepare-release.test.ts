import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ReleaseEngineError } from '../../../src/client/index.ts';
import { type ReleaseWish, prepareRelease } from '../../../src/cli/prepare-release.ts';
import type { Config } from '../../../src/config/config.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import { GOOD, read } from '../config/written.ts';

const BYTES = new TextEncoder().encode('{"schemaVersion":2}');
const DIGEST = digestOf(BYTES);
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: iam }
spec:
  selector: { matchLabels: { app: iam } }
  template:
    metadata: { labels: { app: iam } }
    spec: { containers: [{ name: iam, image: iam }] }
`;

describe('when a release is prepared', () => {
  let folder: string;
  let config: Config;
  const asked: string[] = [];

  const registry: RegistryReader = {
    host: 'registry.test',
    manifest: async (_, reference) => {
      const known = typeof reference === 'string' ? reference === DIGEST : reference.tag === '1.0.0';
      return known
        ? { digest: DIGEST, mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes: BYTES }
        : undefined;
    },
    blob: () => Promise.reject(new Error('not asked')),
    hasBlob: async () => false,
    referrers: async () => [],
  };
  const prepare = (wish: Partial<ReleaseWish>) =>
    prepareRelease(config, { service: 'iam', version: '1.0.0', ...wish }, async (environment) => {
      asked.push(environment);
      return registry;
    });
  const refusal = async (wish: Partial<ReleaseWish>): Promise<ReleaseEngineError> => {
    try {
      await prepare(wish);
    } catch (error) {
      return error as ReleaseEngineError;
    }
    return assert.fail('expected a refusal');
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-prepare-'));
    config = { ...read(GOOD), manifests: { iam: folder } };
    write('dev/deployment.yaml', DEPLOYMENT);
    write('production/deployment.yaml', DEPLOYMENT);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('the tag is resolved in the first registry only, and the same folder is the same artefact', async () => {
    asked.length = 0;
    const [one, two] = await Promise.all([prepare({}), prepare({ image: `iam@${DIGEST}` })]);
    assert.deepEqual(new Set(asked), new Set(['dev']));
    assert.equal(one.image, `iam@${DIGEST}`);
    assert.equal(one.manifests, two.manifests);
    assert.deepEqual(one.path, ['dev', 'production']);
    assert.deepEqual((await prepare({ until: 'dev' })).path, ['dev']);
  });

  const cases: readonly (readonly [title: string, wish: Partial<ReleaseWish>, code: string, message: RegExp])[] = [
    ['an unknown service', { service: 'aim' }, 'service-unknown', /did you mean "iam"/],
    [
      'an environment that is not on the path',
      { until: 'prodution' },
      'environment-unknown',
      /did you mean "production"/,
    ],
    ['a tag that does not exist', { image: 'iam:2.0.0' }, 'image-not-found', /registry\.test has no iam:2\.0\.0/],
    ['a version that is no tag', { version: '2.0.0' }, 'image-not-found', /because --image was not given/],
    ['a version that can be no tag', { version: 'b/d' }, 'version-malformed', /"b\/d" is no version/],
    ['another repository', { image: 'other:1.0.0' }, 'reference-malformed', /not the image of iam/],
    ['an image without tag and digest', { image: 'iam' }, 'reference-malformed', /"latest" is never assumed/],
    ['a digest of wrong form', { image: 'iam@sha256:abc' }, 'reference-malformed', /64 lower-case/],
  ];
  for (const [title, wish, code, message] of cases) {
    test(`${title} is refused before anything is written`, async () => {
      const error = await refusal(wish);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  test('mistakes in the manifests of all environments are told at once, and no registry is asked', async () => {
    asked.length = 0;
    write('dev/deployment.yaml', DEPLOYMENT.replace('{ name: iam }', '{ name: iam, namespace: elsewhere }'));
    write('production/deployment.yaml', DEPLOYMENT.replace('image: iam', 'image: "iam:latest"'));
    const error = await refusal({});
    assert.equal(error.code, 'manifests-invalid');
    const where = error.problems.map((problem) => problem.where).join(' ');
    assert.match(where, /dev\/deployment\.yaml/);
    assert.match(where, /production\/deployment\.yaml/);
    assert.deepEqual(asked, []);
    assert.equal(
      (await refusal({ until: 'dev' })).problems.every((problem) => problem.where.startsWith('dev/')),
      true,
    );
  });

  test('a folder without manifests is named', async () => {
    config = { ...config, manifests: { iam: join(folder, 'nowhere') } };
    assert.equal((await refusal({})).code, 'manifests-missing');
  });
});
