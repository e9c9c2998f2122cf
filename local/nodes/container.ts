/** What the life of a container is about, and what it tells of itself. */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import type { ContainerLog } from './container-log.ts';
import type { ContainerPhase, Ended } from './pod-status.ts';
import type { Program } from './program.ts';
import type { PulledImage } from './pull.ts';
import type { Simulation } from './simulation.ts';

/** How long things take on a simulated node, in milliseconds. A real one takes 10 to 100 times as long. */
export interface Timing {
  /** From "created" to "started". */
  readonly startMs: number;
  /** First wait after a failed pull or a crash; doubles up to 32 times. */
  readonly backOffMs: number;
  /** From start to exit, of a program that crashes or a job that completes. */
  readonly exitMs: number;
  /** From SIGTERM to exit. */
  readonly stopMs: number;
}

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface ContainerRun {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly restartPolicy: RestartPolicy;
  readonly simulation: Simulation | undefined;
  readonly timing: Timing;
  readonly log: ContainerLog;
  /** Restarts before this process took over. */
  readonly restarts: number;
  /** It already ran when this process took over: nothing is announced or started anew. */
  readonly adopted: boolean;
  readonly signal: AbortSignal;
  obtain(image: string): Promise<PulledImage>;
  environment(): Promise<Readonly<Record<string, string>>>;
  /** Reports a change; absent facts stay as they were. */
  report(change: ContainerChange): void;
  /** A start that the world has not seen before. */
  announce(image: PulledImage, restarts: number): void;
  started(program: Program, image: PulledImage): void;
  ended(ended: Ended): void;
  event(type: 'normal' | 'warning', reason: string, message: string): void;
}

export interface ContainerChange {
  readonly phase?: ContainerPhase;
  readonly imageId?: string;
  readonly restarts?: number;
  readonly last?: Ended;
}
