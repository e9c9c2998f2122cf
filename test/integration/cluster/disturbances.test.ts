import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { MERGE } from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { deployment, sample } from '../../ports/cluster/manifests.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';
import { type CuttableProxy, startCuttableProxy } from './support/cuttable-proxy.ts';
import { WRITE, completes, refusalOf, watching } from './support/rolling.ts';

describe('when something disturbs a roll-out', { skip }, () => {
  let world: ClusterWorld;
  let proxy: CuttableProxy;
  let cluster: Cluster;
  before(async () => {
    world = await startClusterWorld();
    proxy = await startCuttableProxy(world.plane.adminKubeconfig);
    ({ cluster } = createKubernetesCluster({ kubeconfig: proxy.kubeconfig }));
  });
  after(async () => {
    await proxy?.close();
    await world?.close();
  });

  const path = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/iam`;

  test('watches whose connections are cut are taken up again', async () => {
    const namespace = await world.freshNamespace();
    const gate = world.kubelet.gate(sample('a'));
    await cluster.apply([deployment(sample('a'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('a'));
    await watch.said(/0 of 2 pods ready/);
    const before = proxy.made;
    proxy.cut();
    await until(() => proxy.made >= before + 3, { what: 'three watches again', timeoutMs: 20_000 });
    gate.open();
    await completes(watch);
  });

  test('what happened while the cluster was out of reach is seen afterwards', async () => {
    const namespace = await world.freshNamespace();
    const gate = world.kubelet.gate(sample('b'));
    await cluster.apply([deployment(sample('b'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('b'));
    await watch.said(/0 of 2 pods ready/);
    proxy.refuse(true);
    await watch.said(/cannot be reached|dropped/);
    gate.open();
    type Counted = { status: { availableReplicas?: number } };
    await until(async () => (await world.admin.get<Counted>(path(namespace))).status.availableReplicas === 2, {
      what: 'the roll-out to be done unseen',
      timeoutMs: 20_000,
    });
    proxy.refuse(false);
    await completes(watch);
  });

  test('a cluster out of reach when time is up is "could not tell", not "failed"', async () => {
    const namespace = await world.freshNamespace();
    world.kubelet.gate(sample('c'));
    await cluster.apply([deployment(sample('c'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('c'), { timeoutMs: 2000 });
    await watch.said(/0 of 2 pods ready/);
    proxy.refuse(true);
    const error = await rejection(watch.verdict);
    proxy.refuse(false);
    assert.equal(error.code, 'cluster-unreachable');
    assert.equal(error.retry, 'yes');
  });

  test('an API server that is restarted in the middle is waited for', async () => {
    const namespace = await world.freshNamespace();
    const gate = world.kubelet.gate(sample('d'));
    await cluster.apply([deployment(sample('d'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('d'));
    await watch.said(/0 of 2 pods ready/);
    await world.restart();
    gate.open();
    await completes(watch);
  });

  test('another image in the middle is interference, and says who', async () => {
    const namespace = await world.freshNamespace();
    world.kubelet.gate(sample('e'));
    await cluster.apply([deployment(sample('e'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('e'));
    await watch.said(/0 of 2 pods ready/);
    const containers = [{ name: 'main', image: sample('f') }];
    const patch = { spec: { template: { spec: { containers } } } };
    await world.admin.patch(`${path(namespace)}?fieldManager=somebody-else`, patch, MERGE);
    const refusal = refusalOf(await watch.verdict);
    assert.equal(refusal.code, 'roll-out-interfered');
    assert.match(refusal.message, /generation 2/);
    assert.match(refusal.message, /"somebody-else"/);
    assert.equal(refusal.got, sample('f'));
  });

  test('the same image with other settings in the middle is interference, too', async () => {
    const namespace = await world.freshNamespace();
    world.kubelet.gate(sample('1'));
    await cluster.apply([deployment(sample('1'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('1'));
    await watch.said(/0 of 2 pods ready/);
    const patch = { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } };
    await world.admin.patch(path(namespace), patch, MERGE);
    assert.match(refusalOf(await watch.verdict).message, /another pod template/);
  });

  test('an autoscaler that changes only the number of pods does not interfere', async () => {
    const namespace = await world.freshNamespace();
    const gate = world.kubelet.gate(sample('2'));
    await cluster.apply([deployment(sample('2'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('2'));
    await watch.said(/0 of 2 pods ready/);
    await world.admin.patch(path(namespace), { spec: { replicas: 3 } }, MERGE);
    await watch.said(/0 of 3 pods ready/);
    gate.open();
    const verdict = await watch.verdict;
    assert.deepEqual(verdict, {
      kind: 'complete',
      workloads: [{ ref: 'deployment/iam', generation: 2, replicas: 3 }],
    });
  });

  test('pausing and deleting it in the middle are seen', async () => {
    const cases: readonly (readonly [character: string, patch: object | undefined, expected: string])[] = [
      ['3', { spec: { paused: true } }, 'roll-out-interfered'],
      ['4', { spec: { replicas: 0 } }, 'scaled-to-zero'],
      ['5', undefined, 'workload-missing'],
    ];
    for (const [character, patch, expected] of cases) {
      const namespace = await world.freshNamespace();
      world.kubelet.gate(sample(character));
      await cluster.apply([deployment(sample(character))], namespace, WRITE);
      const watch = watching(cluster, namespace, sample(character));
      await watch.said(/0 of 2 pods ready/);
      if (patch === undefined) await world.admin.remove(path(namespace));
      else await world.admin.patch(path(namespace), patch, MERGE);
      assert.equal(refusalOf(await watch.verdict).code, expected);
    }
  });

  test('kubectl agrees that it is complete (times for information)', async (context) => {
    const namespace = await world.freshNamespace();
    const gate = world.kubelet.gate(sample('6'));
    await cluster.apply([deployment(sample('6'))], namespace, WRITE);
    const watch = watching(cluster, namespace, sample('6'));
    const kubectl = toolPath('kubectl') ?? assert.fail('kubectl is not installed: npm run setup');
    const args = ['rollout', 'status', 'deployment/iam', '-n', namespace, '--kubeconfig', world.plane.adminKubeconfig];
    const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const started = new Promise((resolve) => child.stdout.once('data', resolve));
    const theirs = new Promise<number>((resolve, reject) =>
      child.once('exit', (code) => (code === 0 ? resolve(performance.now()) : reject(new Error(`kubectl: ${code}`)))),
    );
    await Promise.all([started, watch.said(/0 of 2 pods ready/)]);
    gate.open();
    const mine = watch.verdict.then(() => performance.now());
    const [us, them] = await Promise.all([mine, theirs]);
    await completes(watch);
    context.diagnostic(`verdict ${(us - them).toFixed(1)} ms after kubectl rollout status ended`);
  });
});
