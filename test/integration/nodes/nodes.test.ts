import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { anImage, type BuiltImage } from '../../unit/nodes/an-image.ts';
import { aCluster, eventually, type TestCluster } from './a-cluster.ts';
import { aDeployment, aJob, aNamespace, aService } from './manifests.ts';

const binary = toolPath('control-plane');
const skip = binary !== undefined || process.env.CI ? false : 'control-plane is not installed: npm run setup';
const DEADLINE = { progressDeadlineSeconds: 2 };

function well(version: string, changes: Record<string, unknown> = {}): Promise<BuiltImage> {
  const ok = { status: 200, body: { status: 'ok', version } };
  return anImage({ listen: 8080, responses: { '/ready': ok, '/health': ok }, ...changes });
}

function conditionOf(deployment: V1Deployment, type: string): string | undefined {
  const found = deployment.status?.conditions?.find((condition) => condition.type === type);
  return found === undefined ? undefined : `${found.status}/${found.reason}`;
}

function waitingOf(pod: V1Pod): { readonly reason?: string; readonly message?: string } {
  return pod.status?.containerStatuses?.[0]?.state?.waiting ?? {};
}

describe('simulated nodes on a real control plane', { skip, concurrency: 4 }, () => {
  let cluster: TestCluster;
  let v1: string;
  let v2: string;
  let counter = 0;

  before(async () => {
    cluster = await aCluster(binary ?? '', '127.0.41.10');
    v1 = cluster.registry.push('iam', await well('1'));
    v2 = cluster.registry.push('iam', await well('2'));
  });
  after(async () => {
    await cluster?.stop();
    assert.deepEqual(cluster?.problems, [], 'nothing went wrong inside the simulation');
  });

  /** A namespace of its own for each test. */
  async function newNamespace(): Promise<string> {
    const namespace = `test-${++counter}`;
    await cluster.apply(aNamespace(namespace));
    return namespace;
  }

  function rolledOut(namespace: string, replicas = 2): Promise<V1Deployment> {
    return eventually('the roll-out is complete', async () => {
      const deployment = await cluster.deployment(namespace);
      const { metadata, status } = deployment;
      const done =
        status?.observedGeneration === metadata?.generation &&
        status?.updatedReplicas === replicas &&
        status?.replicas === replicas &&
        status?.availableReplicas === replicas &&
        conditionOf(deployment, 'Progressing') === 'True/NewReplicaSetAvailable';
      return done && deployment;
    });
  }

  function aPod(namespace: string, what: string, is: (pod: V1Pod) => boolean): Promise<V1Pod> {
    return eventually(`a pod that ${what}`, async () => (await cluster.pods(namespace)).find(is));
  }

  function deadlineExceeded(namespace: string): Promise<V1Deployment> {
    return eventually('ProgressDeadlineExceeded', async () => {
      const deployment = await cluster.deployment(namespace);
      return conditionOf(deployment, 'Progressing') === 'False/ProgressDeadlineExceeded' && deployment;
    });
  }

  test('a deployment becomes ready, and its pods name the digest of the manifest', async () => {
    const namespace = await newNamespace();
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    await rolledOut(namespace);
    const pods = await cluster.pods(namespace);
    assert.deepEqual(
      pods.map((pod) => pod.status?.containerStatuses?.[0]?.imageID),
      [v1, v1],
    );
    assert.ok(pods.every((pod) => pod.spec?.nodeName === cluster.nodes.name && pod.status?.phase === 'Running'));
  });

  test('a new digest rolls over without a gap, and the old pods go', async () => {
    const namespace = await newNamespace();
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    await rolledOut(namespace);
    await cluster.apply(aDeployment({ namespace, image: v2 }));
    await rolledOut(namespace);
    await eventually('only pods of the new digest', async () => {
      const pods = await cluster.pods(namespace);
      return pods.length === 2 && pods.every((pod) => pod.status?.containerStatuses?.[0]?.imageID === v2);
    });
  });

  test('an image is pulled once, however many pods run it', async () => {
    const image = cluster.registry.push('iam', await well('pulled once'));
    const namespace = await newNamespace();
    await cluster.apply(aDeployment({ namespace, image, replicas: 3 }));
    await rolledOut(namespace, 3);
    assert.equal(cluster.effects('image-pulled').filter((effect) => effect.image === image).length, 1);
    assert.equal(cluster.effects('container-started').filter((effect) => effect.namespace === namespace).length, 3);
  });

  test('an image that is missing fails as on a real node, and recovers once it is there', async () => {
    const namespace = await newNamespace();
    const image = await well('late');
    const reference = `${cluster.registry.loginServer}/late@${image.digest}`;
    await cluster.apply(aDeployment({ namespace, image: reference }));
    const failed = await aPod(namespace, 'fails to pull', (pod) => waitingOf(pod).reason === 'ErrImagePull');
    assert.match(waitingOf(failed).message ?? '', /^rpc error: code = NotFound desc = .*: not found$/);
    const backing = await aPod(namespace, 'backs off', (pod) => waitingOf(pod).reason === 'ImagePullBackOff');
    assert.match(
      waitingOf(backing).message ?? '',
      /^Back-off pulling image ".*": ErrImagePull: rpc error: .*not found$/,
    );
    assert.equal(backing.status?.phase, 'Pending');
    cluster.registry.push('late', image);
    await rolledOut(namespace);
  });

  test('a bad new image leaves the old pods serving until the deadline', async () => {
    const namespace = await newNamespace();
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    await rolledOut(namespace);
    const image = cluster.registry.push('iam', await well('bad', { fail: 'crash-loop' }));
    await cluster.apply(aDeployment({ namespace, image, ...DEADLINE }));
    const pod = await aPod(namespace, 'crashes', (one) => waitingOf(one).reason === 'CrashLoopBackOff');
    const status = pod.status?.containerStatuses?.[0];
    assert.equal(status?.lastState?.terminated?.exitCode, 1);
    assert.ok((status?.restartCount ?? 0) >= 1);
    assert.match(waitingOf(pod).message ?? '', /^back-off \d+s restarting failed container=iam pod=iam-/);
    assert.equal(conditionOf(await deadlineExceeded(namespace), 'Available'), 'True/MinimumReplicasAvailable');
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    await rolledOut(namespace);
  });

  const UNREADY: [string, Record<string, unknown>][] = [
    ['says it is not ready', { fail: 'unready' }],
    ['answers 500 to its readiness probe', { responses: { '/ready': { status: 500 } } }],
    ['has no such path', { responses: {} }],
    ['listens on another port', { listen: 9090 }],
  ];
  for (const [what, changes] of UNREADY) {
    test(`an image that ${what} runs but never becomes ready`, async () => {
      const namespace = await newNamespace();
      const image = cluster.registry.push('iam', await well(what, changes));
      await cluster.apply(aDeployment({ namespace, image, ...DEADLINE }));
      const pod = await aPod(namespace, 'runs', (one) => one.status?.phase === 'Running');
      assert.equal(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
      await deadlineExceeded(namespace);
      assert.equal((await cluster.deployment(namespace)).status?.readyReplicas, undefined);
    });
  }

  const SIMULATED: [string, (pod: V1Pod) => boolean][] = [
    ['crash-loop', (pod) => waitingOf(pod).reason === 'CrashLoopBackOff'],
    ['unready', (pod) => pod.status?.containerStatuses?.[0]?.started === true],
    ['pending', (pod) => waitingOf(pod).reason === 'ContainerCreating'],
    ['image-pull-backoff', (pod) => waitingOf(pod).reason === 'ImagePullBackOff'],
    ['config-error', (pod) => waitingOf(pod).reason === 'CreateContainerConfigError'],
    ['unschedulable', (pod) => pod.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false],
  ];
  for (const [mode, is] of SIMULATED) {
    test(`a good image fails as its annotation asks: ${mode}`, async () => {
      const namespace = await newNamespace();
      const annotations = { 'sluice.dev/simulate': mode };
      await cluster.apply(aDeployment({ namespace, image: v1, annotations, ...DEADLINE }));
      await aPod(namespace, mode, is);
      await deadlineExceeded(namespace);
    });
  }

  test('an image whose behaviour file is wrong cannot be created, and says what is wrong', async () => {
    const namespace = await newNamespace();
    const image = cluster.registry.push('iam', await anImage({ listen: 'http' }));
    await cluster.apply(aDeployment({ namespace, image }));
    const pod = await aPod(namespace, 'cannot be created', (one) => waitingOf(one).reason === 'CreateContainerError');
    assert.match(waitingOf(pod).message ?? '', /sluice\/behaviour.json: listen: /);
  });

  test('a ConfigMap that is missing holds the container back until it is there', async () => {
    const namespace = await newNamespace();
    const container = { envFrom: [{ configMapRef: { name: 'settings' } }] };
    await cluster.apply(aDeployment({ namespace, image: v1, container }));
    const reason = 'CreateContainerConfigError';
    const pod = await aPod(namespace, 'misses its settings', (one) => waitingOf(one).reason === reason);
    assert.equal(waitingOf(pod).message, 'configmap "settings" not found');
    await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace }, data: {} });
    await rolledOut(namespace);
  });

  test('a quota that is used up fails the replica set, with the reason', async () => {
    const namespace = await newNamespace();
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'pods', namespace },
      spec: { hard: { pods: '1' } },
    });
    await eventually('the quota is in force', async () => {
      const quota = await cluster.api.get<{ status?: { hard?: unknown } }>(
        `/api/v1/namespaces/${namespace}/resourcequotas/pods`,
      );
      return quota.status?.hard !== undefined;
    });
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    const deployment = await eventually('ReplicaFailure', async () => {
      const current = await cluster.deployment(namespace);
      return conditionOf(current, 'ReplicaFailure') === 'True/FailedCreate' && current;
    });
    const failure = deployment.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    assert.match(failure?.message ?? '', /exceeded quota: pods/);
  });

  test('a pod that asks for more than the node has is not scheduled', async () => {
    const namespace = await newNamespace();
    const container = { resources: { requests: { cpu: '1000' } } };
    await cluster.apply(aDeployment({ namespace, image: v1, container }));
    const pod = await aPod(namespace, 'is unschedulable', (one) =>
      Boolean(one.status?.conditions?.some(({ reason }) => reason === 'Unschedulable')),
    );
    assert.equal(pod.spec?.nodeName, undefined);
  });

  test('a job completes, and one with a crashing image fails', async () => {
    const crashing = cluster.registry.push('iam', await well('job', { fail: 'crash-loop' }));
    for (const [image, expected] of [
      [v1, 'Complete'],
      [crashing, 'Failed'],
    ] as const) {
      const namespace = await newNamespace();
      await cluster.apply(aJob({ namespace, image }));
      await eventually(`the job is ${expected}`, async () => {
        const job = await cluster.api.get<{ status?: { conditions?: { type: string; status: string }[] } }>(
          `/apis/batch/v1/namespaces/${namespace}/jobs/migrate`,
        );
        return job.status?.conditions?.some(({ type, status }) => type === expected && status === 'True');
      });
    }
  });

  test('init containers run first, and one that crashes holds the pod back', async () => {
    const crashing = cluster.registry.push('iam', await well('init', { fail: 'crash-loop' }));
    const good = await newNamespace();
    await cluster.apply(
      aDeployment({ namespace: good, image: v1, pod: { initContainers: [{ name: 'init', image: v2 }] } }),
    );
    await rolledOut(good);
    const [pod] = await cluster.pods(good);
    assert.equal(pod?.status?.initContainerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
    const bad = await newNamespace();
    const initContainers = [{ name: 'init', image: crashing }];
    await cluster.apply(aDeployment({ namespace: bad, image: v1, pod: { initContainers } }));
    await aPod(bad, 'crashes in its init container', (one) => {
      return one.status?.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff';
    });
    const [held] = await cluster.pods(bad);
    assert.equal(held?.status?.phase, 'Pending');
  });

  test("a container's log says what it answered", async () => {
    const namespace = await newNamespace();
    const image = cluster.registry.push('iam', await well('talks', { log: ['listening on :8080'] }));
    await cluster.apply(aDeployment({ namespace, image, replicas: 1 }));
    await rolledOut(namespace, 1);
    const [pod] = await cluster.pods(namespace);
    const response = await cluster.api.stream(
      `/api/v1/namespaces/${namespace}/pods/${pod?.metadata?.name}/log?tailLines=20`,
      AbortSignal.timeout(5000),
    );
    const text = (await response.setEncoding('utf8').toArray()).join('');
    assert.match(text, /^listening on :8080\nGET \/ready 200\n/);
  });

  test('a deleted deployment leaves nothing behind', async () => {
    const namespace = await newNamespace();
    await cluster.apply(aDeployment({ namespace, image: v1 }));
    await rolledOut(namespace);
    await cluster.api.remove(`/apis/apps/v1/namespaces/${namespace}/deployments/iam`);
    await eventually('no pod is left', async () => {
      const { items } = await cluster.api.get<{ items: unknown[] }>(`/api/v1/namespaces/${namespace}/pods`);
      return items.length === 0;
    });
  });

  test('a service without a selector or a pod still gets its address', async () => {
    const namespace = await newNamespace();
    await cluster.apply(aService(namespace));
    await eventually('an address', async () => {
      return (await cluster.service(namespace)).status?.loadBalancer?.ingress?.[0]?.ip?.startsWith('127.0.41.');
    });
  });
});
