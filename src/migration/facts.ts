/** What is known of one service when its gates are judged. What could not be found out is said, and is never taken for a yes. */
import type { Restraint } from '../domain/restraint.ts';

export type Known<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly why: string; readonly remedy?: string };

export interface Compared {
  readonly environment: string;
  /** Milliseconds since 1970, here and below. */
  readonly atMs: number;
  readonly answer: string;
}

export interface Rehearsed {
  readonly environment: string;
  readonly atMs: number;
  readonly ok: boolean;
  /** False: it was only looked whether the way back would work. */
  readonly forReal: boolean;
}

/** A promotion by Sluice that has ended. */
export interface Arrived {
  readonly version: string;
  /** Undefined: it failed or was terminated. */
  readonly outcome?: string;
  /** It brought back what had run well before. */
  readonly isRollback: boolean;
  readonly endedAtMs: number;
}

export interface Place {
  /** What Sluice has on record as running there; undefined: nothing. */
  readonly running?: { readonly version: string; readonly digest?: string; readonly since: string };
  readonly restraints: readonly Restraint[];
  readonly arrived: readonly Arrived[];
  /** Versions that are on their way there. */
  readonly entering: readonly string[];
}

export interface Facts {
  readonly nowMs: number;
  /** As sluice.yaml has it; empty: it is not there yet. */
  readonly path: readonly string[];
  readonly comparisons: readonly Compared[];
  readonly rehearsals: readonly Rehearsed[];
  /** Undefined for one that no gate asks about. */
  readonly places: Readonly<Record<string, Known<Place> | undefined>>;
}
