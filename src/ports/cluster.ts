/** Changing and observing one environment's cluster. Applying twice is applying once. */
import type { Refusal } from '../domain/error-code.ts';
import type { ManifestObject, ObjectRef } from '../domain/manifest-object.ts';

export interface AppliedObject {
  readonly ref: ObjectRef;
  /** `metadata.generation` after the apply: what the cluster must have observed before anything is judged. */
  readonly generation: number;
  readonly created: boolean;
  /** As the cluster has it now; after a dry run, as it would: with defaults, and with what its admission makes of it. */
  readonly object: ManifestObject;
}

export interface RollOutRequest {
  readonly namespace: string;
  /** `deployment/iam` … */
  readonly workloads: readonly string[];
  /** `host/repository@sha256:…` that the workloads' pods must run. */
  readonly image: string;
  readonly timeoutMs: number;
}

export type RollOutVerdict =
  | {
      readonly kind: 'complete';
      readonly workloads: readonly { readonly ref: string; readonly generation: number; readonly replicas: number }[];
    }
  | { readonly kind: 'failed'; readonly refusal: Refusal };

/** One ready pod of the newest generation. */
export interface RunningPod {
  readonly name: string;
  readonly workload: string;
  /** Digest part of the container's `imageID`, as the node reports it. */
  readonly imageDigest: string;
}

export interface Cluster {
  /**
   * Server-side apply of the whole set: all are tried with a dry run first, so that a bad one stops the set before the first
   * write. `dryRun` stops there. Throws `manifest-rejected`, `admission-denied`, `cluster-forbidden`, `namespace-missing`; a dry run
   * `dry-run-unsupported` too, where nothing else is wrong with the set and some of it cannot be tried.
   */
  apply(
    objects: readonly ManifestObject[],
    namespace: string,
    options: { readonly dryRun: boolean; readonly signal: AbortSignal },
  ): Promise<readonly AppliedObject[]>;
  /** Watches until done, failed, or out of time; fails fast with the pod's own reason. `onProgress` gets one line at each change. */
  watchRollOut(
    request: RollOutRequest,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<RollOutVerdict>;
  /** Ready, non-terminating pods of the workloads' newest generation, with what they really run. */
  runningPods(namespace: string, workloads: readonly string[], image: string): Promise<readonly RunningPod[]>;
  /** Deletes the objects and waits until they are gone. Deleting what is not there is success. */
  remove(objects: readonly ObjectRef[], signal: AbortSignal): Promise<void>;
  /** `host:port`-less load balancer address (IP or name); undefined while it has none. */
  serviceAddress(namespace: string, service: string): Promise<string | undefined>;
}
