/** What a watch tells of what runs in a namespace: on the wire, with objects as an API server sends them. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, test } from 'node:test';
import { until } from '../../../local/tools/until.ts';
import { FOLLOW_TIMING } from '../../../src/adapters/cluster/kubernetes/follow.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { json, startWire, status, type Wire, type WireRequest } from './support/wire.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/iam/deployments';
const SETS = '/apis/apps/v1/namespaces/iam/statefulsets';
const PODS = '/api/v1/namespaces/iam/pods';
const A = `r.test/iam@sha256:${'a'.repeat(64)}`;
const B = `r.test/iam@sha256:${'b'.repeat(64)}`;

let wire: Wire | undefined;
let over = new AbortController();
afterEach(async () => {
  over.abort();
  over = new AbortController();
  await wire?.close();
});

const workload = (name: string, image: string, more: object = {}): object => ({
  metadata: { name, uid: name, resourceVersion: '5' },
  spec: { selector: {}, template: { spec: { containers: [{ name: 'main', image }] } } },
  ...more,
});
interface PodFields {
  readonly ready?: boolean;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly gone?: true;
}
const pod = (name: string, image: string, { ready = true, owner, gone }: PodFields = {}): object => ({
  metadata: {
    ...{ name, uid: name, resourceVersion: '6', labels: { 'pod-template-hash': '5d4f' } },
    ownerReferences: [{ uid: 'x', controller: true, ...(owner ?? { kind: 'ReplicaSet', name: 'iam-5d4f' }) }],
    ...(gone === true ? { deletionTimestamp: '2026-11-23T12:00:00Z' } : {}),
  },
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ name: 'main', imageID: image }],
  },
});

interface World {
  readonly said: readonly string[];
  readonly ended: Promise<void>;
  tells(path: string, type: string, object: object): void;
  /** Everything that was told until now has been heard, since the marker has, which changes last. */
  heard(): Promise<string[]>;
}

const MARKER = 'deployment/marker';

/** Follows `deployment/iam`, `statefulset/db` and a marker in a namespace that has these at first. */
async function following(lists: Readonly<Record<string, readonly object[]>>, refuses?: string): Promise<World> {
  const open = new Map<string, ServerResponse>();
  wire = await startWire((request: WireRequest, response) => {
    if (request.path === refuses)
      return status(response, 403, 'Forbidden', 'pods is forbidden: User "worker" cannot list resource "pods"');
    if (request.query.has('watch')) {
      response.writeHead(200).write('\n');
      open.set(request.path, response);
      return;
    }
    const marker = request.path === DEPLOYMENTS ? [workload('marker', A)] : [];
    json(response, 200, { metadata: { resourceVersion: '7' }, items: [...(lists[request.path] ?? []), ...marker] });
  });
  const said: string[] = [];
  const { watch } = createKubernetesCluster({
    kubeconfig: wire.kubeconfig(),
    follow: { ...FOLLOW_TIMING, backOffMs: [1], refusalGraceMs: 1 },
  });
  const ended = watch.follow(
    { namespace: 'iam', workloads: ['deployment/iam', 'statefulset/db', MARKER] },
    {
      changed: (one) => said.push(one),
      lost: ({ code }) => said.push(`lost: ${code}`),
      found: () => said.push('found'),
    },
    over.signal,
  );
  ended.catch(() => undefined);
  const tells = (path: string, type: string, object: object): void =>
    void open.get(path)?.write(`${JSON.stringify({ type, object })}\n`);
  const patient = (what: string) => ({ what, timeoutMs: 10_000, everyMs: 2 });
  if (refuses === undefined) {
    await until(() => open.size === 3, patient('three watches'));
    await until(() => said.includes(MARKER), patient('the lists'));
  }
  return {
    ...{ said, ended, tells },
    async heard() {
      const marked = (): number => said.filter((one) => one === MARKER).length;
      const before = marked();
      const image = `mark ${before}`;
      tells(PODS, 'ADDED', pod(image, image, { owner: { kind: 'ReplicaSet', name: 'marker-5d4f' } }));
      await until(() => marked() > before, patient('the marker among pods'));
      tells(DEPLOYMENTS, 'MODIFIED', workload('marker', image));
      await until(() => marked() > before + 1, patient('the marker among deployments'));
      return said.filter((one) => one !== MARKER);
    },
  };
}

const AS_LEFT = {
  [DEPLOYMENTS]: [workload('iam', A), workload('other', A)],
  [SETS]: [workload('db', B)],
  [PODS]: [pod('iam-1', A), pod('iam-2', A), pod('db-0', B, { owner: { kind: 'StatefulSet', name: 'db' } })],
};

describe('when what runs in a namespace is watched', () => {
  test('each workload is told once at first, with one watch for each kind and one for the pods', async () => {
    const { heard } = await following(AS_LEFT);
    assert.deepEqual((await heard()).toSorted(), ['deployment/iam', 'statefulset/db']);
    const watches = wire?.requests.filter(({ query }) => query.has('watch')).map(({ path }) => path);
    assert.deepEqual(watches?.toSorted(), [PODS, DEPLOYMENTS, SETS].toSorted());
  });

  const cases: readonly (readonly [
    what: string,
    tell: (tells: World['tells']) => void,
    expected: readonly string[],
  ])[] = [
    ['another image in a template', (tells) => tells(DEPLOYMENTS, 'MODIFIED', workload('iam', B)), ['deployment/iam']],
    ['a workload that is gone', (tells) => tells(DEPLOYMENTS, 'DELETED', workload('iam', A)), ['deployment/iam']],
    ['a pod that runs something else', (tells) => tells(PODS, 'ADDED', pod('iam-3', B)), ['deployment/iam']],
    [
      'that the last ready pod is not ready any more',
      (tells) => {
        const owner = { kind: 'StatefulSet', name: 'db' };
        tells(PODS, 'MODIFIED', pod('db-0', B, { owner, ready: false }));
      },
      ['statefulset/db'],
    ],
    [
      'nothing of more pods of the same, of fewer while one is left, or of one that ends',
      (tells) => {
        tells(PODS, 'ADDED', pod('iam-3', A));
        tells(PODS, 'MODIFIED', pod('iam-1', A, { ready: false }));
        tells(PODS, 'MODIFIED', pod('iam-2', A, { gone: true }));
        tells(PODS, 'DELETED', pod('iam-2', A));
      },
      [],
    ],
    [
      'nothing of counts, conditions and annotations',
      (tells) => tells(DEPLOYMENTS, 'MODIFIED', workload('iam', A, { status: { readyReplicas: 1 } })),
      [],
    ],
    [
      'nothing of what nobody guards',
      (tells) => {
        tells(DEPLOYMENTS, 'MODIFIED', workload('other', B));
        tells(PODS, 'ADDED', pod('other-1', B, { owner: { kind: 'ReplicaSet', name: 'other-5d4f' } }));
        tells(PODS, 'ADDED', { metadata: { name: 'bare', uid: 'bare', resourceVersion: '8' } });
      },
      [],
    ],
  ];
  for (const [what, tell, expected] of cases) {
    test(`it tells ${what}`, async () => {
      const world = await following(AS_LEFT);
      const before = (await world.heard()).length;
      tell(world.tells);
      assert.deepEqual((await world.heard()).slice(before), expected);
    });
  }

  test('what is changed while nobody hears is told afterwards, and nothing else', async () => {
    const lists: Record<string, readonly object[]> = { ...AS_LEFT };
    const world = await following(lists);
    const before = (await world.heard()).length;
    lists[DEPLOYMENTS] = [workload('iam', B)];
    world.tells(DEPLOYMENTS, 'ERROR', { code: 410, message: 'too old' });
    const others = (): string[] => world.said.filter((one) => one !== MARKER).slice(before);
    await until(() => others().length > 0, { what: 'the change', timeoutMs: 10_000 });
    assert.deepEqual(others(), ['deployment/iam']);
  });

  test('one that may not be begun rejects, and ends the others', async () => {
    const { ended } = await following(AS_LEFT, PODS);
    assert.equal((await rejection(ended)).code, 'cluster-forbidden');
  });

  test('it ends when nobody wants to hear any more', async () => {
    const { ended } = await following(AS_LEFT);
    over.abort();
    await ended;
  });
});
