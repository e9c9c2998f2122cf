/** What is known about one workload at one moment: the whole input of the judge. */
import type { Pod, Revision, Workload } from './kubernetes-objects.ts';
import { conditionOf } from './kubernetes-objects.ts';
import { templateIdentity } from './pod-template.ts';
import type { WorkloadKind } from './workload-name.ts';

export interface RollOutFacts {
  /** `deployment/iam`. */
  readonly workload: string;
  readonly kind: WorkloadKind;
  readonly namespace: string;
  /** `host/repository@sha256:…` that must run. */
  readonly image: string;
  /** Undefined: it does not exist. */
  readonly object: Workload | undefined;
  /** Undefined as long as `object` has never been seen. */
  readonly first: FirstLook | undefined;
  readonly revisions: readonly Revision[];
  /** All pods that the workload's selector finds. */
  readonly pods: readonly Pod[];
  /** Names of pods for which an autoscaler has promised a node. */
  readonly scaledUp: ReadonlySet<string>;
  /** Why pods of a StatefulSet or DaemonSet could not be created, by its newest event; a Deployment's ReplicaSet says it itself. */
  readonly podsRefused?: string;
}

/** What was there when the watch began; everything after is compared with it. */
export interface FirstLook {
  readonly atMs: number;
  readonly uid: string;
  readonly template: string;
  /** The progress deadline had passed already, at this time of the cluster's. */
  readonly deadlinePassed: string | undefined;
}

export const DEADLINE_PASSED = 'ProgressDeadlineExceeded';

export function firstLook(object: Workload, nowMs: number): FirstLook {
  const progressing = conditionOf(object.status?.conditions, 'Progressing');
  return {
    atMs: nowMs,
    uid: object.metadata.uid,
    template: templateIdentity(object.spec.template),
    deadlinePassed: progressing?.reason === DEADLINE_PASSED ? (progressing.lastUpdateTime ?? '') : undefined,
  };
}
