/** Hearing at once that workloads stand differently than a moment ago, whoever changed them. Changes nothing. */
import type { PortError } from './port-error.ts';

export interface WatchedWorkloads {
  readonly namespace: string;
  /** `deployment/iam` … */
  readonly workloads: readonly string[];
}

export interface WatchListener {
  /**
   * The workload is there or gone, asks for other images, its ready pods run others, or none of them is ready any more. Said of each
   * once when they have been listed, since what happened before is not known.
   */
  readonly changed: (workload: string) => void;
  /** Nothing is heard until `found`; what happened meanwhile is told then. */
  readonly lost: (error: PortError) => void;
  readonly found: () => void;
}

export interface ClusterWatch {
  /** Resolves when `signal` is aborted. Rejects with a PortError when it cannot begin, or not go on by itself. */
  follow(watched: WatchedWorkloads, listener: WatchListener, signal: AbortSignal): Promise<void>;
}
