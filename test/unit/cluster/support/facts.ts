/** Facts about a roll-out for table tests: complete unless a test says otherwise. */
import type {
  ContainerStatus,
  Pod,
  Revision,
  Workload,
} from '../../../../src/adapters/cluster/kubernetes/kubernetes-objects.ts';
import { type RollOutFacts, firstLook } from '../../../../src/adapters/cluster/kubernetes/roll-out-facts.ts';
import type { WorkloadKind } from '../../../../src/adapters/cluster/kubernetes/workload-name.ts';
import { sample } from '../../../ports/cluster/manifests.ts';

export const NOW = Date.parse('2030-01-01T00:00:00Z');
export const IMAGE = sample('a');
const RUNNING: ContainerStatus = {
  name: 'main',
  image: IMAGE,
  imageID: IMAGE,
  ready: true,
  restartCount: 0,
  state: { running: { startedAt: '2029-01-01T00:00:00Z' } },
};

export function template(image = IMAGE, hash?: string): Workload['spec']['template'] {
  const labels = { app: 'iam', ...(hash === undefined ? {} : { 'pod-template-hash': hash }) };
  return { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } };
}

export function workload(spec: Partial<Workload['spec']> = {}, status: Workload['status'] = {}): Workload {
  return {
    metadata: { name: 'iam', uid: 'workload', generation: 2 },
    spec: { replicas: 3, selector: { matchLabels: { app: 'iam' } }, template: template(), ...spec },
    status: {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      updateRevision: 'new',
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
      ...status,
    },
  };
}

export function replicaSet(name: string, image = IMAGE, status: Revision['status'] = {}): Revision {
  const ownerReferences = [{ uid: 'workload', controller: true }];
  return { metadata: { name, uid: name, ownerReferences }, spec: { template: template(image, name) }, status };
}

export function controllerRevision(name: string, revision: number): Revision {
  const ownerReferences = [{ uid: 'workload', controller: true }];
  return { metadata: { name, uid: name, ownerReferences, labels: { 'controller-revision-hash': name } }, revision };
}

/** A pod that is well; `container` overrides what its one container says. */
export function pod(
  name: string,
  owner = 'new',
  container: Partial<ContainerStatus> = {},
  more: Partial<Pod['metadata']> = {},
): Pod {
  const status = { ...RUNNING, ...container };
  const ready = status.ready === true ? 'True' : 'False';
  return {
    metadata: { name, uid: name, ownerReferences: [{ uid: owner, controller: true }], ...more },
    spec: { containers: [{ name: 'main', image: IMAGE }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }], containerStatuses: [status] },
  };
}

export function revisionPod(name: string, hash: string, container: Partial<ContainerStatus> = {}): Pod {
  return pod(name, 'workload', container, { labels: { 'controller-revision-hash': hash } });
}

/** A Deployment that is complete. */
export function facts(more: Partial<RollOutFacts> = {}, kind: WorkloadKind = 'Deployment'): RollOutFacts {
  const object = 'object' in more ? more.object : workload();
  const isDeployment = kind === 'Deployment';
  return {
    workload: `${kind.toLowerCase()}/iam`,
    kind,
    namespace: 'iam',
    image: IMAGE,
    first: object === undefined ? undefined : firstLook(object, NOW),
    revisions: isDeployment ? [replicaSet('new')] : [controllerRevision('new', 2), controllerRevision('old', 1)],
    pods: [0, 1, 2].map((at) => (isDeployment ? pod(`iam-${at}`) : revisionPod(`iam-${at}`, 'new'))),
    scaledUp: new Set(),
    ...more,
    object,
  };
}
