/** `sluice compare` where it reads clusters itself: a real API server with simulated nodes, two namespaces, accounts that may only read. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type ClusterWorld, skip, startClusterWorld } from '../cluster/support/cluster-world.ts';
import { kubectl } from '../deploy/support/kubectl.ts';
import { runSluice } from './run-sluice.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const READ = ['get', 'list'];
const READER = [
  { apiGroups: [''], resources: ['pods', 'services', 'configmaps', 'persistentvolumeclaims'], verbs: READ },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], verbs: READ },
  { apiGroups: ['batch'], resources: ['cronjobs'], verbs: READ },
];

/** What the API server fills in is left out wherever it may be, and what it writes in another way is written so. */
const manifests = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: iam }
spec:
  replicas: 2
  selector: { matchLabels: { app: iam } }
  strategy: { rollingUpdate: { maxSurge: 1 } }
  template:
    metadata: { labels: { app: iam } }
    spec:
      serviceAccountName: default
      containers:
        - name: iam
          image: ${image}
          ports: [{ containerPort: 8080 }]
          resources: { requests: { cpu: 0.5, memory: 1024Mi } }
          env:
            - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: TITLE, value: "<b>iam</b>" }
          readinessProbe: { httpGet: { path: /health, port: 8080 } }
          volumeMounts: [{ name: settings, mountPath: /settings }]
      volumes: [{ name: settings, configMap: { name: settings } }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cache }
spec:
  serviceName: iam
  selector: { matchLabels: { app: cache } }
  template:
    metadata: { labels: { app: cache } }
    spec: { containers: [{ name: cache, image: ${image} }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: ${image} }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec: { template: { spec: { restartPolicy: Never, containers: [{ name: nightly, image: ${image} }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: iam }
spec: { selector: { app: iam }, ports: [{ port: 8080 }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: "", resources: { requests: { storage: 1024Mi } } }
`;
const SETTINGS = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { greeting: hello }\n';

describe('when sluice compare reads the clusters itself', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-live-'));
  let world: ClusterWorld;
  let legacyReader = '';
  const kube = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await kubectl(['--kubeconfig', world.plane.adminKubeconfig, ...args], '', folder);
    assert.equal(code, 0, err);
    return out;
  };
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const compare = (...more: readonly string[]) =>
    runSluice(['compare', 'iam', '--environment', 'production', '--legacy-namespace', 'legacy', ...more], {
      cwd: folder,
      env: { AZURE_SUBSCRIPTION_ID: '00000000-0000-4000-8000-000000000000' },
    });
  const live = (...more: readonly string[]) => compare('--legacy-kubeconfig', legacyReader, '--sluice-live', ...more);
  const made = async (ref: string): Promise<string> =>
    kube('--namespace', 'legacy', 'get', ref, '-o', 'jsonpath={.metadata.creationTimestamp}');

  before(async () => {
    world = await startClusterWorld();
    legacyReader = await world.plane.kubeconfigFor({ namespace: 'legacy', name: 'reader', rules: READER });
    const reader = await world.plane.kubeconfigFor({ namespace: 'iam', name: 'reader', rules: READER });
    write(
      'sluice.yaml',
      GOOD.replace('{ aks: onestream-prod-aks, resourceGroup: onestream-prod-rg }', `{ kubeconfig: ${reader} }`),
    );
    mkdirSync(join(folder, 'keys'));
    write('keys/cosign.pub', PUBLIC_KEY);
    mkdirSync(join(folder, 'manifests/iam/production'), { recursive: true });
    write('manifests/iam/production/all.yaml', `${manifests('iam')}---\n${SETTINGS}`);
    const deployed = write('new-all.yaml', `${manifests(`onestreamprod.azurecr.io/iam@${DIGEST}`)}---\n${SETTINGS}`);
    const [old, settings] = [
      write('legacy.yaml', manifests(`legacy.example.test/iam@${DIGEST}`)),
      write('settings.yaml', SETTINGS),
    ];
    await kube('--namespace', 'legacy', 'apply', '-f', old);
    // the legacy pipeline makes its settings last, in a later second: clusters note no more than that
    do {
      await kube('--namespace', 'legacy', 'delete', '--ignore-not-found', 'configmap', 'settings');
      await kube('--namespace', 'legacy', 'apply', '-f', settings);
    } while ((await made('configmap/settings')) === (await made('service/iam')));
    const sluice = ['--namespace', 'iam', 'apply', '--server-side', '--field-manager', 'sluice'];
    await kube(...sluice, '-f', deployed);
    for (const namespace of ['legacy', 'iam'])
      await kube('--namespace', namespace, 'rollout', 'status', 'deployment/iam', '--timeout', '150s');
  });
  after(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('both are equal, what may not be read is said, and no account has tried to change anything', async () => {
    const { exit, out, err } = await live();
    assert.equal(exit, 0, out + err);
    assert.match(out, /^equal +iam \(7 objects\)/);
    assert.match(out, /left out on both sides, for cluster of .* does not tell: .*\bsecrets\b/);
    const reader = readFileSync(world.plane.auditLog, 'utf8')
      .split('\n')
      .filter((line) => /:reader"/.test(line));
    assert.deepEqual(reader, []);
  });

  test('the order is read off what the API server has noted, and fails only where it is asked for', async () => {
    const { exit, out } = await live('--strict', 'order');
    assert.equal(exit, 10);
    assert.match(out, /order: legacy applied deployment\/iam before .*configmap\/settings.*, Sluice does so after/);
    assert.equal((await live()).exit, 0);
  });

  test('how long a roll-out took is read off what the deployment controller has noted, and whole runs are compared with it', async () => {
    const { services } = JSON.parse((await live('--tolerance', '1h', '--json')).out) as {
      services: { durations: { of: string; answer: string; legacyMs: number; sluiceMs: number }[] }[];
    };
    const [rolled] = services[0]?.durations ?? [];
    assert.equal(rolled?.of, 'roll-out of deployment/iam');
    assert.equal(rolled.answer, 'equal');
    assert.ok(rolled.legacyMs >= 0 && rolled.sluiceMs >= 0);
    const [legacyTook, sluiceTook] = [write('old.yaml', 'iam: [12m, 14m]'), write('new.yaml', 'iam: 3h')];
    const { exit, out } = await live('--legacy-took', legacyTook, '--sluice-took', sluiceTook, '--strict', 'duration');
    assert.equal(exit, 10);
    assert.match(out, /duration of whole run: legacy 13m, Sluice 3h \(slower\)/);
  });

  test('what Sluice would apply is equal to what legacy has from the same manifests: what the API server fills in is no difference', async () => {
    const { exit, out, err } = await compare(
      ...['--legacy-kubeconfig', legacyReader, '--sluice-image', `iam@${DIGEST}`],
    );
    assert.equal(exit, 0, out + err);
    const other = `sha256:${'2'.repeat(64)}`;
    const next = await compare('--legacy-kubeconfig', legacyReader, '--sluice-image', `iam@${other}`);
    assert.equal(next.exit, 10);
    assert.match(next.out, /different +iam: image\n/);
  });

  test('the page says the same without a script or anything from outside, and escapes what stands in a manifest', async () => {
    await kube('--namespace', 'legacy', 'set', 'env', 'deployment/iam', 'TITLE=<script>alert(1)</script>');
    const { exit, err } = await live('--html', 'compare.html');
    assert.equal(exit, 10, err);
    const page = readFileSync(join(folder, 'compare.html'), 'utf8');
    assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.match(page, /<html lang="en">/);
    assert.match(page, /legacy applied daemonset\/agent before .*configmap\/settings/);
    assert.doesNotMatch(page, /<script|<link|\bsrc=|href="(?!#)|url\(/);
    const nowhere = await live('--html', 'no/folder/compare.html');
    assert.equal(nowhere.exit, 2);
    assert.match(nowhere.err, /cannot be written/);
  });

  test('sides that are missing, named twice or of a context without a file are said at once, before anything is read', async () => {
    const { exit, err } = await compare('--legacy-context', 'old', '--sluice-live', '--sluice-image', `iam@${DIGEST}`);
    assert.equal(exit, 2);
    assert.match(err, /the legacy side[^]*is not named/);
    assert.match(err, /the side of Sluice[^]*is named 2 times/);
    assert.match(err, /--legacy-context[^]*is a context of no file/);
  });

  test('a namespace that the cluster does not have is no service that is missing', async () => {
    const { exit, err } = await compare(
      ...['--legacy-kubeconfig', world.plane.adminKubeconfig, '--legacy-namespace', 'nowhere', '--sluice-live'],
    );
    assert.notEqual(exit, 0);
    assert.notEqual(exit, 10);
    assert.match(err, /the cluster has no namespace nowhere/);
  });
});
