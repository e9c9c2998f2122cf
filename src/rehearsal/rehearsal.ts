/** What is rehearsed, and what comes of it: one JSON value, additive only. */
import type { PackedManifests } from '../manifests/artefact.ts';
import type { Rulebook } from '../domain/rulebook.ts';
import type { Outcome } from '../contract/status.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Settled } from './settle.ts';

/** Times are milliseconds since the epoch, durations milliseconds. */
export interface RehearsalRequest {
  readonly rulebook: Rulebook;
  readonly service: string;
  readonly version: string;
  readonly until?: string;
  readonly ticket?: string;
  readonly allowOlder?: boolean;
  readonly requestedBy: string;
  /** When the release starts; undefined: now. Never before now: the server's time only goes forward. */
  readonly atMs?: number;
  /** How long the people take that are asked. */
  readonly approveAfterMs: number;
  /** What the environments run when it starts. */
  readonly running: readonly Settled[];
  /** Path of the time-skipping server's program. */
  readonly testServer: string;
  /** Ends the rehearsal, which then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** The release as it would be started, made against a registry that holds the stand-in of its image. */
  prepare(registry: RegistryReader): Promise<Prepared>;
}

export interface Prepared {
  /** `iam@sha256:…`. */
  readonly image: string;
  readonly path: readonly string[];
  readonly packed: PackedManifests;
}

/** What an environment waits for. `attention`, `undo`: something failed, and nobody comes in a rehearsal. */
export type WaitKind = 'gate' | 'approval' | 'turn' | 'attention' | 'undo' | 'other';

/** Everything in the order in which it happened; `at` and `until` are ISO 8601 of the skipped clock. */
export type RehearsalEvent = { readonly at: string } & (
  | { readonly kind: 'started' }
  | {
      readonly kind: 'waits';
      readonly environment: string;
      readonly waitsFor: WaitKind;
      readonly reason: string;
      /** Who can end it. */
      readonly for: string;
      /** When it ended in the rehearsal; absent: it had not ended. */
      readonly until?: string;
    }
  | { readonly kind: 'answered'; readonly environment: string; readonly by: readonly string[] }
  | { readonly kind: 'unanswered'; readonly environment: string; readonly reason: string }
  | { readonly kind: 'entered'; readonly environment: string }
  | { readonly kind: 'ended'; readonly environment: string; readonly outcome: Outcome }
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  /** The rehearsal ended before the release did. */
  | { readonly kind: 'given-up'; readonly reason: string }
);

export interface RehearsedEnvironment {
  readonly environment: string;
  /** When it was let in; absent: it was not. */
  readonly enteredAt?: string;
  /** Milliseconds of waiting, by what was waited for. */
  readonly waitedMs: Readonly<Partial<Record<WaitKind, number>>>;
  readonly outcome?: Outcome;
}

export interface Rehearsal {
  readonly service: string;
  readonly version: string;
  readonly path: readonly string[];
  readonly approveAfterMs: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly events: readonly RehearsalEvent[];
  readonly environments: readonly RehearsedEnvironment[];
  /** How the release ended; absent: it had not ended when the rehearsal was given up. */
  readonly outcome?: Outcome;
}
