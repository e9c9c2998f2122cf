import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import { daemonSet, sample, statefulSet } from '../../ports/cluster/manifests.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';
import { CRASHING } from './support/fates.ts';
import { WRITE, completes, refusalOf, watching } from './support/rolling.ts';
import { UNREADY } from './support/scripted-kubelet.ts';

const SET = { workload: 'statefulset/iam' };
const DAEMON = { workload: 'daemonset/iam' };
const GOOD = sample('a');

describe('when a StatefulSet or a DaemonSet rolls out', { skip }, () => {
  let world: ClusterWorld;
  let cluster: Cluster;
  before(async () => {
    world = await startClusterWorld();
    ({ cluster } = createKubernetesCluster({
      kubeconfig: world.plane.adminKubeconfig,
      patience: { notStartableMs: 200, stuckMs: 300 },
    }));
  });
  after(() => world.close());

  const digests = async (namespace: string, workload: string, image: string): Promise<string[]> =>
    (await cluster.runningPods(namespace, [workload], image)).map((pod) => pod.imageDigest.slice(7, 8));

  test('a StatefulSet is complete when every pod has the new revision', async () => {
    const namespace = await world.freshNamespace();
    await cluster.apply([statefulSet(GOOD, { replicas: 3 })], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD, SET));
    await cluster.apply([statefulSet(sample('b'), { replicas: 3 })], namespace, WRITE);
    const verdict = await watching(cluster, namespace, sample('b'), SET).verdict;
    assert.deepEqual(verdict, {
      kind: 'complete',
      workloads: [{ ref: SET.workload, generation: 2, replicas: 3 }],
    });
    assert.deepEqual(await digests(namespace, SET.workload, sample('b')), ['b', 'b', 'b']);
    assert.deepEqual(await digests(namespace, SET.workload, GOOD), []);
  });

  for (const [what, character, script] of [
    ['crashes', 'c', CRASHING],
    ['never becomes ready', 'd', UNREADY],
  ] as const) {
    test(`a StatefulSet comes back from a version that ${what}, though its controller would stay stuck`, async () => {
      const namespace = await world.freshNamespace();
      const bad = sample(character);
      world.kubelet.script(bad, script);
      await cluster.apply([statefulSet(GOOD)], namespace, WRITE);
      await completes(watching(cluster, namespace, GOOD, SET));
      await cluster.apply([statefulSet(bad)], namespace, WRITE);
      const failing = watching(cluster, namespace, bad, { ...SET, timeoutMs: what === 'crashes' ? 60_000 : 1500 });
      const refusal = refusalOf(await failing.verdict);
      assert.equal(refusal.code, what === 'crashes' ? 'crash-loop' : 'roll-out-timeout');

      await cluster.apply([statefulSet(GOOD)], namespace, WRITE);
      const back = watching(cluster, namespace, GOOD, SET);
      await completes(back);
      assert.ok(
        back.lines.some((line) => /pod iam-1 of another revision was stuck and is deleted/.test(line)),
        back.lines.join('\n'),
      );
      assert.deepEqual(await digests(namespace, SET.workload, GOOD), ['a', 'a']);
    });
  }

  test('a partition is respected: only the pods above it must be new', async () => {
    const namespace = await world.freshNamespace();
    await cluster.apply([statefulSet(GOOD)], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD, SET));
    const spec = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    await cluster.apply([statefulSet(sample('e'), { spec })], namespace, WRITE);
    await completes(watching(cluster, namespace, sample('e'), SET));
    assert.deepEqual(await digests(namespace, SET.workload, sample('e')), ['e']);
  });

  test('pods of a StatefulSet that quota refuses are named', async () => {
    const namespace = await world.freshNamespace();
    await world.admin.create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      metadata: { name: 'none' },
      spec: { hard: { pods: '0' } },
    });
    await cluster.apply([statefulSet(GOOD)], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, GOOD, SET).verdict);
    assert.equal(refusal.code, 'quota-exceeded');
    assert.match(refusal.message, /exceeded quota: none/);
  });

  test('a strategy that never rolls out by itself is refused', async () => {
    const namespace = await world.freshNamespace();
    const spec = { updateStrategy: { type: 'OnDelete' } };
    await cluster.apply([statefulSet(GOOD, { spec }), daemonSet(GOOD, { spec })], namespace, WRITE);
    for (const one of [SET, DAEMON]) {
      const refusal = refusalOf(await watching(cluster, namespace, GOOD, one).verdict);
      assert.equal(refusal.code, 'manifest-rejected');
      assert.match(refusal.message, /OnDelete/);
    }
  });

  test('a DaemonSet is complete when every node runs the new revision', async () => {
    const namespace = await world.freshNamespace();
    await cluster.apply([daemonSet(GOOD)], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD, DAEMON));
    await cluster.apply([daemonSet(sample('b'))], namespace, WRITE);
    await completes(watching(cluster, namespace, sample('b'), DAEMON));
    assert.deepEqual(await digests(namespace, DAEMON.workload, sample('b')), ['b']);
  });

  test('a DaemonSet fails by its new pod’s reason, and comes back', async () => {
    const namespace = await world.freshNamespace();
    world.kubelet.script(sample('f'), CRASHING);
    await cluster.apply([daemonSet(GOOD)], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD, DAEMON));
    await cluster.apply([daemonSet(sample('f'))], namespace, WRITE);
    assert.equal(refusalOf(await watching(cluster, namespace, sample('f'), DAEMON).verdict).code, 'crash-loop');
    await cluster.apply([daemonSet(GOOD)], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD, DAEMON));
    assert.deepEqual(await digests(namespace, DAEMON.workload, GOOD), ['a']);
  });

  test('a DaemonSet that fits no node is no success', async () => {
    const namespace = await world.freshNamespace();
    const manifest = daemonSet(GOOD);
    const spec = manifest['spec'] as { template: { spec: object } };
    const placed = { ...spec.template, spec: { ...spec.template.spec, nodeSelector: { disk: 'golden' } } };
    await cluster.apply([{ ...manifest, spec: { ...spec, template: placed } }], namespace, WRITE);
    assert.equal(refusalOf(await watching(cluster, namespace, GOOD, DAEMON).verdict).code, 'scaled-to-zero');
  });
});
