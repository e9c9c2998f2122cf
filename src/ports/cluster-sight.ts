/** Looking at what stands in one environment's cluster, whoever put it there. Changes nothing and waits for nothing. */
import type { ManifestObject, ObjectRef } from '../domain/manifest-object.ts';
import type { RunningPod } from './cluster.ts';

export interface SightRequest {
  readonly namespace: string;
  /** `deployment/iam` … */
  readonly workloads: readonly string[];
  /** `host/repository@sha256:…` that they are to run. */
  readonly image: string;
  /** Whatever else is to be there. */
  readonly objects: readonly ObjectRef[];
}

export interface StandingWorkload {
  /** As it was asked for. */
  readonly workload: string;
  /** What its pod template asks for now, init containers first. */
  readonly images: readonly string[];
  /** Ready, non-terminating pods of its newest revision, with what they really run; none where the template asks for another image. */
  readonly pods: readonly RunningPod[];
}

export interface Standing {
  /** Those that are there. */
  readonly workloads: readonly StandingWorkload[];
  /** Of the objects, those that are not. */
  readonly missing: readonly ObjectRef[];
}

export interface ClusterSight {
  /** Throws PortError when it could not find out: "not there" is an answer. */
  look(request: SightRequest, signal: AbortSignal): Promise<Standing>;
  /** Each object whole, as it stands, in the order in which they were asked for; undefined: it is not there. Throws as `look` does. */
  read(objects: readonly ObjectRef[], signal: AbortSignal): Promise<readonly (ManifestObject | undefined)[]>;
}
