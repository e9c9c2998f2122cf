/** When somebody wrote an object, and how long its roll-out took, as the cluster has noted it (Kubernetes 1.36). */
import type { ManifestObject } from '../domain/manifest-object.ts';

/** Controllers of the cluster: what they write down is no deployment. */
const CLUSTERS_OWN = [
  'kube-controller-manager',
  'cloud-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-apiserver',
];
/** On each Deployment and its ReplicaSets; a set that was used before names its older revisions too. */
const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';

interface Written {
  readonly manager?: string;
  readonly time?: string;
  readonly subresource?: string;
}
interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly lastUpdateTime?: string;
}

/** Milliseconds since 1970, to the second; undefined: it was recorded without `--show-managed-fields`. */
export function lastWrite({ metadata }: ManifestObject): number | undefined {
  const all = metadata['managedFields'];
  if (!Array.isArray(all)) return undefined;
  const times = (all as readonly Written[])
    .filter(({ manager, subresource }) => (subresource ?? '') === '' && !CLUSTERS_OWN.includes(manager ?? ''))
    .flatMap(({ time }) => timeOf(time) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

export function creation({ metadata }: ManifestObject): number | undefined {
  return timeOf(metadata['creationTimestamp']);
}

export interface RollOut {
  readonly begunAt: number;
  readonly doneAt: number;
}

/**
 * From the ReplicaSet's making to the moment at which the Deployment was called available with it. Undefined for one that is under
 * way, that went back to an older set, or whose sets are not recorded; other kinds of workloads note no such moment.
 */
export function rollOutOf(deployment: ManifestObject, all: readonly ManifestObject[]): RollOut | undefined {
  if (deployment.kind !== 'Deployment') return undefined;
  const { conditions } = (deployment['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  const done = conditions?.find(
    ({ type, status, reason }) => type === 'Progressing' && status === 'True' && reason === 'NewReplicaSetAvailable',
  );
  const newest = all.find((one) => one.kind === 'ReplicaSet' && isMadeBy(one, deployment));
  const [begunAt, doneAt] = [newest && creation(newest), timeOf(done?.lastUpdateTime)];
  if (newest === undefined || annotation(newest, HISTORY) !== undefined) return undefined;
  return begunAt === undefined || doneAt === undefined || doneAt < begunAt ? undefined : { begunAt, doneAt };
}

function isMadeBy(set: ManifestObject, deployment: ManifestObject): boolean {
  const owners = (set.metadata['ownerReferences'] ?? []) as readonly { readonly uid?: string }[];
  const revision = annotation(deployment, REVISION);
  return (
    revision !== undefined &&
    annotation(set, REVISION) === revision &&
    owners.some(({ uid }) => uid !== undefined && uid === deployment.metadata['uid'])
  );
}

function annotation({ metadata }: ManifestObject, name: string): string | undefined {
  return (metadata['annotations'] as Readonly<Record<string, string>> | undefined)?.[name];
}

function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
