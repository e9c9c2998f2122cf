/**
 * What the sigstore policy-controller is told, held by a real API server against the controller's own published schemas. The controller
 * itself does not run here. Its schemas come from its Go module, which Go checks against its checksum database.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { type KubeApi, kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import { type Asked, clusterPolicy } from '../../../src/cluster-policy/render.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import { startSigstore } from '../../unit/signatures/sigstore.ts';

const MODULE = 'github.com/sigstore/policy-controller@v0.13.1';
const binary = toolPath('control-plane');
const schemas = join(process.env['GOMODCACHE'] ?? join(homedir(), 'go', 'pkg', 'mod'), MODULE, 'config');
const skip =
  binary === undefined
    ? 'control-plane is not installed: npm run setup'
    : areThere()
      ? false
      : `the published schemas are not here: go mod download ${MODULE}`;

function areThere(): boolean {
  if (!existsSync(schemas)) spawnSync('go', ['mod', 'download', MODULE], { timeout: 120_000 });
  return existsSync(schemas);
}

const GROUND = {
  environment: 'production',
  registryHost: 'prod.example.test',
  images: ['docker.io/library/busybox', 'mirror.test:5000/tools/*'],
  repositories: ['iam'],
  namespaces: ['iam'],
};

describe('what the policy-controller is told', { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-policy-controller-'));
  let plane: ControlPlane;
  let admin: KubeApi;
  before(async () => {
    plane = await startControlPlane({ binary: binary ?? '', dir });
    admin = kubeApi(readKubeconfig(plane.adminKubeconfig));
    for (const file of ['300-clusterimagepolicy.yaml', '300-trustroot.yaml']) {
      const definition = parse(readFileSync(join(schemas, file), 'utf8'));
      // both of its versions have the same fields, and the webhook that converts them does not run here
      definition.spec.conversion = { strategy: 'None' };
      await admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    }
    await until(
      () =>
        Promise.all(
          ['v1beta1/clusterimagepolicies', 'v1alpha1/trustroots'].map((one) =>
            admin.get(`/apis/policy.sigstore.dev/${one}`),
          ),
        ).then(
          () => true,
          () => false,
        ),
      { what: 'the kinds are served', timeoutMs: 30_000 },
    );
  });
  after(async () => {
    admin?.close();
    await plane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function rendered(): Promise<readonly ManifestObject[]> {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { trustedRoot } = await startSigstore();
    const identity = { kind: 'identity', issuer: 'https://issuer.test', trustedRoot } as const;
    const asked: Asked = {
      signatures: 'sigstore',
      wanted: { need: 'all', of: ['builder', 'scanner'] },
      signers: {
        builder: [
          { kind: 'key', pem },
          { kind: 'vault', url: 'https://v.vault.azure.net/keys/cosign/0123abcd' },
        ],
        scanner: [
          { ...identity, subject: 'https://ci.test/iam' },
          { ...identity, subjectPattern: '^https://ci\\.test/[a-z]+$', transparencyLog: 'off' },
        ],
      },
    };
    return clusterPolicy(GROUND, asked).filter(({ apiVersion }) => apiVersion.startsWith('policy.sigstore.dev/'));
  }

  test('has no field that its schema does not know, and none of another type', async () => {
    const plurals: Readonly<Record<string, string>> = {
      ClusterImagePolicy: 'clusterimagepolicies',
      TrustRoot: 'trustroots',
    };
    const objects = await rendered();
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ['TrustRoot', 'ClusterImagePolicy', 'ClusterImagePolicy', 'ClusterImagePolicy'],
    );
    for (const object of objects) {
      const path = `/apis/${object.apiVersion}/${plurals[object.kind]}?fieldValidation=Strict`;
      const kept = await admin.create<ManifestObject>(path, object);
      assert.deepEqual(kept['spec'], object['spec'], 'nothing was dropped');
    }
  });

  test('has globs that the controller takes: letters, digits and - _ : / * . @', async () => {
    for (const object of await rendered()) {
      const { images = [] } = object['spec'] as { images?: readonly { glob: string }[] };
      for (const { glob } of images) assert.match(glob, /^[a-zA-Z0-9\-_:/*.@]+$/);
    }
    const source = readFileSync(join(schemas, '..', 'pkg', 'apis', 'glob', 'glob.go'), 'utf8');
    assert.ok(source.includes('validGlob = regexp.MustCompile(`^[a-zA-Z0-9-_:\\/\\*\\.@]+$`)'), 'as it was read');
  });
});
