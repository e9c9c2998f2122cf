/** Which pods belong to what a workload's template says now, and which to what it said before. */
import type { WorkloadKind } from './workload-name.ts';
import { type Pod, type Revision, type Workload, isOwnedBy, isTerminating } from './kubernetes-objects.ts';
import { templateIdentity } from './pod-template.ts';

const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
const REVISION_LABEL = 'controller-revision-hash';

export interface WorkloadParts {
  readonly kind: WorkloadKind;
  readonly object: Workload;
  /** ReplicaSets of a Deployment, ControllerRevisions of a DaemonSet; none for a StatefulSet, whose status names its revision. */
  readonly revisions: readonly Revision[];
  readonly pods: readonly Pod[];
}

/**
 * The ReplicaSet with the Deployment's own template, as its controller finds it; for the moment in which a changed default of the
 * server makes the two differ, the one with its revision number. Undefined: the controller has not made it yet.
 */
export function newestReplicaSet(object: Workload, sets: readonly Revision[]): Revision | undefined {
  const owned = sets.filter((one) => isOwnedBy(one, object.metadata.uid));
  const wanted = templateIdentity(object.spec.template);
  const number = object.metadata.annotations?.[REVISION_ANNOTATION];
  return (
    owned.find((one) => templateIdentity(one.spec?.template) === wanted) ??
    owned.find((one) => number !== undefined && one.metadata.annotations?.[REVISION_ANNOTATION] === number)
  );
}

/** Pods of the newest revision, terminating ones left out. */
export function newPods(parts: WorkloadParts): readonly Pod[] {
  const mine = isNew(parts);
  return parts.pods.filter((pod) => !isTerminating(pod) && mine(pod));
}

/** Pods of older revisions that belong to this workload, terminating ones included. */
export function oldPods(parts: WorkloadParts): readonly Pod[] {
  const mine = isNew(parts);
  const owners = [parts.object.metadata.uid, ...parts.revisions.map((one) => one.metadata.uid)];
  return parts.pods.filter((pod) => owners.some((uid) => isOwnedBy(pod, uid)) && !mine(pod));
}

function isNew({ kind, object, revisions }: WorkloadParts): (pod: Pod) => boolean {
  if (kind === 'Deployment') {
    const uid = newestReplicaSet(object, revisions)?.metadata.uid;
    return (pod) => uid !== undefined && isOwnedBy(pod, uid);
  }
  const hash = kind === 'StatefulSet' ? object.status?.updateRevision : newestHash(object, revisions);
  return (pod) =>
    hash !== undefined && isOwnedBy(pod, object.metadata.uid) && pod.metadata.labels?.[REVISION_LABEL] === hash;
}

/** `status` of a DaemonSet names no revision: the highest number is the current one. */
function newestHash(object: Workload, revisions: readonly Revision[]): string | undefined {
  const owned = revisions.filter((one) => isOwnedBy(one, object.metadata.uid));
  const newest = owned.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
  return newest?.metadata.labels?.[REVISION_LABEL];
}
