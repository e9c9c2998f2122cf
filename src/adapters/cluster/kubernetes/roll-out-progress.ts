/** How far a roll-out is, by kind: what the controller counts, checked against the pods themselves. */
import type { RollOutFacts } from './roll-out-facts.ts';
import { type Pod, type Workload, conditionOf, isReady, isTerminating } from './kubernetes-objects.ts';
import { newPods, oldPods } from './newest-revision.ts';

export interface Progress {
  readonly done: boolean;
  readonly desired: number;
  /** `2 of 3 pods ready`. */
  readonly line: string;
}

type Counting = RollOutFacts & { readonly object: Workload };

const ALL_AVAILABLE = 'NewReplicaSetAvailable';

export function progressOf(facts: Counting): Progress {
  const fresh = newPods(facts);
  const ready = fresh.filter(isWell).length;
  const desired = desiredPods(facts);
  const wanted = facts.kind === 'StatefulSet' ? Math.max(0, desired - partitionOf(facts.object)) : desired;
  const old = oldPods(facts).filter((pod) => !isTerminating(pod)).length - (desired - wanted);
  const line = `${ready} of ${wanted} pods ready${old > 0 ? `, ${old} of the previous version left` : ''}`;
  return { done: ready >= wanted && controllerIsDone(facts, desired, wanted), desired, line };
}

export function desiredPods({ kind, object }: Counting): number {
  return kind === 'DaemonSet' ? (object.status?.desiredNumberScheduled ?? 0) : (object.spec.replicas ?? 1);
}

/** So many new pods may be bad at once before the whole roll-out is in doubt. */
export function tolerated({ kind, object }: Counting, desired: number): number {
  const { strategy, updateStrategy } = object.spec;
  const { maxSurge } = (strategy ?? updateStrategy)?.rollingUpdate ?? {};
  return kind === 'Deployment' ? Math.max(1, amount(maxSurge ?? '25%', desired)) : 1;
}

export function partitionOf(object: Workload): number {
  return object.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function controllerIsDone({ kind, object }: Counting, desired: number, wanted: number): boolean {
  const status = object.status ?? {};
  switch (kind) {
    case 'Deployment': {
      const progressing = conditionOf(status.conditions, 'Progressing');
      const counts = [status.updatedReplicas, status.replicas, status.availableReplicas];
      const settled = progressing === undefined || progressing.reason === ALL_AVAILABLE;
      return settled && counts.every((count) => count === desired) && (status.unavailableReplicas ?? 0) === 0;
    }
    case 'StatefulSet': {
      const counts = [status.replicas, status.readyReplicas, status.availableReplicas];
      return counts.every((count) => count === desired) && (status.updatedReplicas ?? 0) >= wanted;
    }
    case 'DaemonSet':
      return [status.updatedNumberScheduled, status.numberAvailable].every((count) => count === desired);
  }
}

/** Ready, and every container is running now: without a readiness probe a pod is "ready" between two crashes. */
function isWell(pod: Pod): boolean {
  return isReady(pod) && (pod.status?.containerStatuses ?? []).every((one) => one.state?.running !== undefined);
}

function amount(value: number | string, desired: number): number {
  if (typeof value === 'number') return value;
  return Math.ceil((Number.parseInt(value, 10) / 100) * desired);
}
