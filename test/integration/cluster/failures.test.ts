import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import { deployment, sample } from '../../ports/cluster/manifests.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';
import { CRASHING, DENIED_PULL } from './support/fates.ts';
import { WRITE, completes, refusalOf, watching } from './support/rolling.ts';
import { READY, UNREADY } from './support/scripted-kubelet.ts';

/** Shorter than in production, so that a test need not wait; none is asserted. */
const PATIENCE = { unschedulableMs: 300, notStartableMs: 200, steadyMs: 300 };

describe('when a roll-out fails on a real control plane', { skip }, () => {
  let world: ClusterWorld;
  let cluster: Cluster;
  before(async () => {
    world = await startClusterWorld();
    ({ cluster } = createKubernetesCluster({ kubeconfig: world.plane.adminKubeconfig, patience: PATIENCE }));
  });
  after(() => world.close());

  test('a quota that admits no pod is named, with its numbers', async () => {
    const namespace = await world.freshNamespace();
    await world.admin.create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      metadata: { name: 'small' },
      spec: { hard: { pods: '1' } },
    });
    await cluster.apply([deployment(sample('a'))], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, sample('a')).verdict);
    assert.equal(refusal.code, 'quota-exceeded');
    assert.match(refusal.message, /exceeded quota: small, requested: pods=1/);
    assert.match(refusal.remedy ?? '', /ResourceQuota/);
  });

  test('a pod that no node takes is named with the scheduler’s words', async () => {
    const namespace = await world.freshNamespace();
    const manifest = deployment(sample('a'), { replicas: 1 });
    const spec = manifest['spec'] as { template: { spec: object } };
    const placed = { ...spec.template, spec: { ...spec.template.spec, nodeSelector: { disk: 'golden' } } };
    await cluster.apply([{ ...manifest, spec: { ...spec, template: placed } }], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, sample('a')).verdict);
    assert.equal(refusal.code, 'unschedulable');
    assert.match(refusal.message, /nodes? .*(selector|affinity)/);
  });

  test('a container that cannot be created is named with its reason', async () => {
    const namespace = await world.freshNamespace();
    const image = sample('b');
    const message = 'secret "iam-database" not found';
    world.kubelet.script(image, { steps: [{ state: { waiting: { reason: 'CreateContainerConfigError', message } } }] });
    await cluster.apply([deployment(image)], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, image).verdict);
    assert.equal(refusal.code, 'container-not-startable');
    assert.match(refusal.message, /secret "iam-database" not found/);
  });

  test('a denied pull is named in the node’s words', async () => {
    const namespace = await world.freshNamespace();
    const image = sample('c');
    world.kubelet.script(image, DENIED_PULL);
    await cluster.apply([deployment(image)], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, image).verdict);
    assert.equal(refusal.code, 'image-pull-failed');
    assert.match(refusal.message, /2 of 2 new pods .*failed to resolve reference: not found/);
  });

  test('a crash tells its exit code, and says that the log could not be read where it cannot', async () => {
    const namespace = await world.freshNamespace();
    const image = sample('d');
    world.kubelet.script(image, CRASHING);
    await cluster.apply([deployment(image)], namespace, WRITE);
    const refusal = refusalOf(await watching(cluster, namespace, image).verdict);
    assert.equal(refusal.code, 'crash-loop');
    assert.match(refusal.message, /CrashLoopBackOff, 1 restarts, exit code 1 \(Error\)/);
    assert.match(refusal.message, /log not readable/);
  });

  test('one bad pod of three does not make it fail', async () => {
    const namespace = await world.freshNamespace();
    const image = sample('e');
    const last = { terminated: { exitCode: 1, reason: 'Error' } };
    const broken = { steps: [{ state: { waiting: { reason: 'CrashLoopBackOff' } }, restarts: 1, last }] };
    world.kubelet.scriptEach(image, (nth) => (nth === 0 ? broken : READY));
    await cluster.apply([deployment(image, { replicas: 3 })], namespace, WRITE);
    const watch = watching(cluster, namespace, image);
    const line = await watch.said(/2 of 3 pods ready; pod .*CrashLoopBackOff/);
    const [, sick = ''] = /pod (iam-[a-z0-9-]+):/.exec(line) ?? [];
    await world.admin.remove(`/api/v1/namespaces/${namespace}/pods/${sick}`);
    await completes(watch);
  });

  test('no progress within the deadline fails, and the previous version comes back', async () => {
    const namespace = await world.freshNamespace();
    const spec = { progressDeadlineSeconds: 2 };
    await cluster.apply([deployment(sample('a'), { spec })], namespace, WRITE);
    await completes(watching(cluster, namespace, sample('a')));
    world.kubelet.script(sample('f'), UNREADY);
    await cluster.apply([deployment(sample('f'), { spec })], namespace, WRITE);
    const first = refusalOf(await watching(cluster, namespace, sample('f')).verdict);
    assert.equal(first.code, 'progress-deadline');
    assert.match(first.message, /no progress for 2 s .*0 of 2 pods ready/);

    // Asked again: the deadline that has passed is of the first attempt, so it must pass once more.
    const second = watching(cluster, namespace, sample('f'));
    await second.said(/0 of 2 pods ready/);
    assert.equal(refusalOf(await second.verdict).code, 'progress-deadline');

    await cluster.apply([deployment(sample('a'), { spec })], namespace, WRITE);
    await completes(watching(cluster, namespace, sample('a')));
  });

  test('a pod that was restarted counts once it has run steadily', async () => {
    const namespace = await world.freshNamespace();
    const image = sample('1');
    // A node whose clock is ahead: only our own can tell how long it has run.
    const startedAt = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const last = { terminated: { exitCode: 1, reason: 'Error' } };
    world.kubelet.script(image, {
      steps: [{ state: { running: { startedAt } }, ready: true, restarts: 1, last }],
    });
    await cluster.apply([deployment(image)], namespace, WRITE);
    const watch = watching(cluster, namespace, image);
    await completes(watch);
    assert.ok(
      watch.lines.some((line) => /watching pods that were restarted/.test(line)),
      watch.lines.join('\n'),
    );
  });
});
