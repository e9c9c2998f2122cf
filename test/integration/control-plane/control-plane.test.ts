import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { type KubeApi, KubeApiError, kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';

const binary = toolPath('control-plane');
const skip = binary !== undefined || process.env.CI ? false : 'control-plane is not installed: npm run setup';

const DEV = { namespace: 'iam-dev', name: 'sluice-dev' };
const STAGING = { namespace: 'iam-staging', name: 'sluice-staging' };
const configMap = (namespace: string, name = 'settings') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { level: 'info' },
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a control plane', { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-cp-'));
  let plane: ControlPlane;
  const open: KubeApi[] = [];
  const as = (kubeconfig: string): KubeApi => {
    const api = kubeApi(readKubeconfig(kubeconfig));
    open.push(api);
    return api;
  };

  before(async () => {
    plane = await startControlPlane({ binary: binary ?? '', dir });
  });
  after(async () => {
    for (const api of open) api.close();
    await plane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('speaks Kubernetes 1.36 on 127.0.0.1', async () => {
    assert.match(plane.server, /^https:\/\/127\.0\.0\.1:\d+$/);
    const version = await as(plane.adminKubeconfig).get<{ gitVersion: string }>('/version');
    assert.match(version.gitVersion, /^v1\.36\.\d+$/);
  });

  test('keeps its secrets readable by their owner alone', async () => {
    const dev = await plane.kubeconfigFor(DEV);
    for (const path of [
      plane.adminKubeconfig,
      dev,
      join(dir, 'tls.key'),
      join(dir, 'token'),
      join(dir, 'tokens.csv'),
    ]) {
      assert.equal(statSync(path).mode & 0o077, 0, path);
    }
  });

  test('an account can release into its namespace', async () => {
    const dev = as(await plane.kubeconfigFor(DEV));
    const path = '/api/v1/namespaces/iam-dev/configmaps/settings';
    await dev.apply(path, configMap('iam-dev'));
    assert.deepEqual((await dev.get<{ data: unknown }>(path)).data, { level: 'info' });
    await dev.remove(path);
    for (const list of ['pods', 'events', 'services']) await dev.get(`/api/v1/namespaces/iam-dev/${list}`);
    await dev.get('/apis/apps/v1/namespaces/iam-dev/replicasets');
    await dev.get('/api/v1/namespaces/iam-dev');
  });

  test('an account can touch neither another environment nor what a release does not need', async () => {
    const dev = as(await plane.kubeconfigFor(DEV));
    await plane.kubeconfigFor(STAGING);
    await plane.kubeconfigFor({ namespace: 'iam', name: 'sluice-production' });
    const refused: [string, () => Promise<unknown>][] = [];
    for (const namespace of ['iam-staging', 'iam', 'default', 'kube-system']) {
      const core = `/api/v1/namespaces/${namespace}`;
      refused.push(
        [`apply in ${namespace}`, () => dev.apply(`${core}/configmaps/settings`, configMap(namespace))],
        [`read pods of ${namespace}`, () => dev.get(`${core}/pods`)],
        [`delete a service of ${namespace}`, () => dev.remove(`${core}/services/iam`)],
        [`read ${namespace}`, () => dev.get(core)],
      );
    }
    const own = '/api/v1/namespaces/iam-dev';
    refused.push(
      ['read secrets', () => dev.get(`${own}/secrets`)],
      ['delete a pod', () => dev.remove(`${own}/pods/any`)],
      ['run a program in a pod', () => dev.create(`${own}/pods/any/exec?command=id`, {})],
      ['make tokens', () => dev.create(`${own}/serviceaccounts/default/token`, { spec: {} })],
      ['apply a role', () => dev.apply('/apis/rbac.authorization.k8s.io/v1/namespaces/iam-dev/roles/any', {})],
      ['list all pods', () => dev.get('/api/v1/pods')],
      ['list nodes', () => dev.get('/api/v1/nodes')],
    );
    for (const [what, attempt] of refused) {
      await assert.rejects(attempt, (error) => error instanceof KubeApiError && error.status === 403, what);
    }
  });

  test("an account's changes are in the audit log, refused ones too, and nobody else's", async () => {
    const dev = as(await plane.kubeconfigFor(DEV));
    await dev.apply('/api/v1/namespaces/iam-dev/configmaps/audited', configMap('iam-dev', 'audited'));
    await as(plane.adminKubeconfig).apply(
      '/api/v1/namespaces/iam-dev/configmaps/by-admin',
      configMap('iam-dev', 'by-admin'),
    );
    const events = readFileSync(plane.auditLog, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(events.every((event) => event.user.username.startsWith('system:serviceaccount:')));
    const audited = events.filter((event) => event.objectRef.name === 'audited');
    assert.equal(audited.length, 1);
    assert.deepEqual([audited[0].verb, audited[0].responseStatus.code], ['patch', 201]);
    assert.ok(events.some((event) => event.responseStatus.code === 403));
  });

  test('the next one on the same folder knows the same objects and tokens', async () => {
    const path = await plane.kubeconfigFor(DEV);
    const token = readKubeconfig(path).token;
    const adminToken = readKubeconfig(plane.adminKubeconfig).token;
    await as(path).apply('/api/v1/namespaces/iam-dev/configmaps/kept', configMap('iam-dev', 'kept'));
    await plane.stop();
    assert.equal(isAlive(plane.pid), false);
    plane = await startControlPlane({ binary: binary ?? '', dir });
    assert.equal(readKubeconfig(plane.adminKubeconfig).token, adminToken);
    assert.equal(readKubeconfig(await plane.kubeconfigFor(DEV)).token, token);
    await as(path).get('/api/v1/namespaces/iam-dev/configmaps/kept');
  });

  test('loses nothing when it is killed', async () => {
    const path = await plane.kubeconfigFor(DEV);
    await as(path).apply('/api/v1/namespaces/iam-dev/configmaps/before-kill', configMap('iam-dev', 'before-kill'));
    process.kill(plane.pid, 'SIGKILL');
    await plane.stop();
    plane = await startControlPlane({ binary: binary ?? '', dir });
    await as(await plane.kubeconfigFor(DEV)).get('/api/v1/namespaces/iam-dev/configmaps/before-kill');
  });
});

describe('a control plane that cannot start', { skip }, () => {
  test('says why, with the end of its log', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-cp-'));
    const { createServer } = await import('node:net');
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const port = (taken.address() as { port: number }).port;
    await assert.rejects(startControlPlane({ binary: binary ?? '', dir, port }), /address already in use/);
    taken.close();
    rmSync(dir, { recursive: true, force: true });
  });
});

describe('when the process that started a control plane is killed', { skip }, () => {
  test('the control plane ends too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-cp-'));
    const parent = spawn(process.execPath, [fileURLToPath(new URL('./owner.ts', import.meta.url)), binary ?? '', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: parent.stdout as Readable }).once('line', (line) => resolve(Number(line)));
    });
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid), { what: 'the control plane ended', timeoutMs: 30_000 });
    rmSync(dir, { recursive: true, force: true });
  });
});
