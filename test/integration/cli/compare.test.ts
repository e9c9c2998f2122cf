/** `sluice compare` as a platform team runs it: what kubectl has recorded of a real API server, where both pipelines have deployed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { binary, kubectl, skip } from '../deploy/support/kubectl.ts';
import { runSluice } from './run-sluice.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const KINDS = 'deployments,replicasets,services,configmaps';

const manifests = (registry: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: iam }
spec:
  replicas: 2
  selector: { matchLabels: { app: iam } }
  template:
    metadata: { labels: { app: iam } }
    spec:
      containers:
        - { name: iam, image: "${registry}/iam@${DIGEST}", env: [{ name: LEVEL, value: info }] }
---
apiVersion: v1
kind: Service
metadata: { name: iam }
spec: { selector: { app: iam }, ports: [{ port: 8080 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: iam-settings }
data: { greeting: hello }
`;

describe('when both pipelines have deployed', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-'));
  let plane: ControlPlane;
  const kube = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await kubectl(['--kubeconfig', plane.adminKubeconfig, ...args], '', folder);
    assert.equal(code, 0, err);
    return out;
  };
  const record = async (namespace: string, file: string): Promise<void> =>
    writeFileSync(join(folder, file), await kube('--namespace', namespace, 'get', KINDS, '-o', 'json'));
  const compare = (...more: readonly string[]) =>
    runSluice(
      [
        'compare',
        'iam',
        '--environment',
        'production',
        '--legacy-namespace',
        'legacy',
        '--sluice',
        'sluice.json',
        ...more,
      ],
      {
        cwd: folder,
        env: { AZURE_SUBSCRIPTION_ID: '00000000-0000-4000-8000-000000000000' },
      },
    );

  before(async () => {
    writeFileSync(join(folder, 'sluice.yaml'), GOOD);
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'keys', 'cosign.pub'), PUBLIC_KEY);
    writeFileSync(join(folder, 'legacy.yaml'), manifests('legacy.example.test'));
    writeFileSync(join(folder, 'new.yaml'), manifests('onestreamprod.azurecr.io'));
    plane = await startControlPlane({ binary: binary ?? '', dir: join(folder, 'plane') });
    for (const namespace of ['legacy', 'iam']) await kube('create', 'namespace', namespace);
    // each in its own way: the old one leaves annotations and no field managers of Sluice
    await kube('--namespace', 'legacy', 'apply', '-f', join(folder, 'legacy.yaml'));
    await kube(
      '--namespace',
      'iam',
      'apply',
      '--server-side',
      '--field-manager',
      'sluice',
      '-f',
      join(folder, 'new.yaml'),
    );
    await record('iam', 'sluice.json');
  });
  after(async () => {
    await plane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the same digest and settings are equal, whatever the cluster and the tools have written into them', async () => {
    await record('legacy', 'equal.json');
    const { exit, out, err } = await compare('--legacy', 'equal.json');
    assert.equal(exit, 0, out + err);
    assert.match(out, /^equal +iam \(3 objects\)\n[^]*1 equal, 0 different, 0 missing, 0 unknown/);
  });

  test('what somebody has changed is different, with what and where, for people and for programs', async () => {
    await kube('--namespace', 'legacy', 'set', 'env', 'deployment/iam', 'LEVEL=debug');
    await kube('--namespace', 'legacy', 'scale', 'deployment/iam', '--replicas', '3');
    await kube('--namespace', 'legacy', 'delete', 'configmap', 'iam-settings');
    await record('legacy', 'different.json');
    const { exit, out } = await compare('--legacy', 'different.json');
    assert.equal(exit, 10);
    assert.match(out, /replicas \/spec\/replicas: 3 → 2/);
    assert.match(out, /configuration \/spec\/template\/spec\/containers\/0\/env\/0\/value: "debug" → "info"/);
    assert.match(out, /configmap\/iam-settings: only in Sluice/);
    const { services } = JSON.parse((await compare('--legacy', 'different.json', '--json')).out) as {
      services: { answer: string }[];
    };
    assert.equal(services[0]?.answer, 'missing');
  });

  test('what of --ignore covers nothing is told, and changes no exit code', async () => {
    writeFileSync(
      join(folder, 'ignore.yaml'),
      '- { path: /spec/replicas, reason: autoscaler }\n- { path: /spec/paused, reason: an old habit }\n- { path: /spec/template/spec/containers, reason: sidecars }',
    );
    await kube('--namespace', 'legacy', 'apply', '-f', join(folder, 'legacy.yaml'));
    await kube('--namespace', 'legacy', 'scale', 'deployment/iam', '--replicas', '3');
    await record('legacy', 'scaled.json');
    const { exit, out } = await compare('--legacy', 'scaled.json', '--ignore', 'ignore.yaml');
    assert.equal(exit, 0, out);
    assert.match(out, /--ignore \/spec\/paused \(an old habit\): nothing differs there/);
    assert.doesNotMatch(out, /--ignore \/spec\/replicas/);
  });

  test('a list of another namespace is a mistake, and no service that is missing', async () => {
    const { exit, err } = await compare('--legacy', 'sluice.json');
    assert.equal(exit, 2);
    assert.match(err, /sluice\.json[^]*has nothing in legacy; it has objects of iam/);
  });

  test('the same list twice is refused before anything is compared', async () => {
    await record('legacy', 'one.json');
    const { exit, out, err } = await compare('--legacy', 'one.json', 'one.json');
    assert.equal(exit, 2);
    assert.equal(out, '');
    assert.match(err, /deployment\/iam in legacy stands there twice/);
  });
});
