/** What figures are computed from: promotions that have ended, and what pipelines said of the builds. Times are milliseconds since 1970. */
import type { OutcomeKind } from '../domain/outcome.ts';

/** One promotion that has ended. */
export interface Run {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** It brought back what ran well before. */
  readonly isRollback: boolean;
  /** It only rehearsed the way back, or the way forward again. */
  readonly isRehearsal?: true;
  /** Undefined: it failed or was terminated. */
  readonly outcome?: OutcomeKind;
  /** Code of a refusal. */
  readonly refusal?: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** What its steps say; undefined: the server has forgotten its history. */
  readonly steps?: RunSteps;
}

export interface RunSteps {
  /** Of all its steps but those that wait: for gates, people and turns. */
  readonly workMs: number;
  /** When it began to change the cluster; undefined: it did not. */
  readonly changedAt?: number;
  /** Signatures were verified where it runs, and named in what the step left. */
  readonly isSigned: boolean;
  /** The digest that was planned is the one that was seen running. */
  readonly isByDigest: boolean;
}

/** One release, as whoever started it has said. */
export interface Build {
  readonly service: string;
  readonly version: string;
  readonly startedAt: number;
  readonly committedAt?: number;
  readonly tookMs?: number;
}

export interface Runs {
  readonly runs: readonly Run[];
  readonly builds: readonly Build[];
}
