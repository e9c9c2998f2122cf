import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from '../../../local/control-plane/index.ts';
import { kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { anImage } from '../../unit/nodes/an-image.ts';
import { aCluster, eventually, type TestCluster } from './a-cluster.ts';
import { aDeployment, aNamespace, aService } from './manifests.ts';

const binary = toolPath('control-plane');
const skip = binary !== undefined || process.env.CI ? false : 'control-plane is not installed: npm run setup';
const namespace = 'iam';

describe('when a simulated node starts again', { skip }, () => {
  let cluster: TestCluster;
  let image: string;

  before(async () => {
    cluster = await aCluster(binary ?? '', '127.0.43.10');
    const built = await anImage({ listen: 8080, responses: { '/ready': {}, '/health': { body: 'fine' } } });
    image = cluster.registry.push('iam', built);
    await cluster.apply(aNamespace(namespace), aService(namespace), aDeployment({ namespace, image }));
    await eventually('two ready pods', async () => (await cluster.deployment(namespace)).status?.readyReplicas === 2);
  });
  after(() => cluster?.stop());

  const uids = async () => (await cluster.pods(namespace)).map(({ metadata }) => metadata?.uid).sort();
  const health = () =>
    fetch('http://127.0.43.10:8080/health', { headers: { connection: 'close' } }).then(
      (response) => response.text(),
      () => undefined,
    );

  test('it takes its pods over as they are: no restart, no second pull, the same addresses', async () => {
    const before = await uids();
    const counts = () => ['image-pulled', 'container-started', 'address-given'].map((it) => cluster.effects(it).length);
    const effects = counts();
    await cluster.nodes.close();
    cluster.registry.answers.set(`/v2/iam/manifests/${image.split('@')[1]}`, { status: 500 });
    cluster.nodes = await cluster.startNode();
    if (process.platform === 'linux') assert.equal(await eventually('it answers', health), 'fine');
    assert.deepEqual(await uids(), before);
    assert.deepEqual(counts(), effects);
    const pods = await cluster.pods(namespace);
    assert.ok(pods.every((pod) => pod.status?.containerStatuses?.[0]?.restartCount === 0));
    assert.equal((await cluster.deployment(namespace)).status?.readyReplicas, 2);
  });

  test('pods that were deleted meanwhile go, and new ones come', async () => {
    const before = await uids();
    await cluster.nodes.close();
    for (const { metadata } of await cluster.pods(namespace)) {
      await cluster.api.remove(`/api/v1/namespaces/${namespace}/pods/${metadata?.name}`);
    }
    cluster.nodes = await cluster.startNode();
    await eventually('two others are ready', async () => {
      const { items } = await cluster.api.get<{ items: { metadata: { uid: string } }[] }>(
        `/api/v1/namespaces/${namespace}/pods`,
      );
      const ready = (await cluster.deployment(namespace)).status?.readyReplicas === 2;
      return ready && items.length === 2 && items.every(({ metadata }) => !before.includes(metadata.uid));
    });
  });

  test('it goes on after the control plane was killed and started again', async () => {
    const { dir, port } = { dir: join(cluster.dir, 'control-plane'), port: Number(new URL(cluster.plane.server).port) };
    process.kill(cluster.plane.pid, 'SIGKILL');
    await cluster.plane.stop();
    const plane = await startControlPlane({ binary: binary ?? '', dir, port });
    const api = kubeApi(readKubeconfig(plane.adminKubeconfig));
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/iam`;
    await api.apply(path, aDeployment({ namespace, image, replicas: 3 }));
    await eventually('a third pod is ready', async () => {
      return (await api.get<{ status?: { readyReplicas?: number } }>(path)).status?.readyReplicas === 3;
    });
    cluster.problems.length = 0; // the watch was interrupted, as it should be
    api.close();
    await cluster.nodes.close();
    await plane.stop();
  });
});

describe('the nodes as a process', { skip }, () => {
  test('say when they are ready, and end with their standard input', async () => {
    const cluster = await aCluster(binary ?? '', '127.0.44.10');
    const options = join(cluster.dir, 'nodes.json');
    writeFileSync(
      options,
      JSON.stringify({
        kubeconfig: cluster.plane.adminKubeconfig,
        registries: {},
        loadBalancer: { firstAddress: '127.0.44.20' },
        dir: join(cluster.dir, 'second'),
        name: 'second-node',
      }),
    );
    const main = fileURLToPath(new URL('../../../local/nodes/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, options, '--exit-with-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
    assert.deepEqual(JSON.parse(line), { ready: true, name: 'second-node', pid: child.pid });
    await cluster.api.get('/api/v1/nodes/second-node');
    child.stdin.end();
    assert.equal(await ended, 0);
    await cluster.stop();
  });
});
