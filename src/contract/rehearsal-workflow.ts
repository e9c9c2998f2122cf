/**
 * Workflow `rehearsal`: whether the way back works, by looking; or by going back and forward again, which takes both times. Id
 * `rehearsal/<service>/<environment>`: one at a time; those that only look have an id of their own. Additive only.
 */
import { defineQuery } from '@temporalio/workflow';
import type { Inside } from './activities.ts';
import type { WireImage } from './plan.ts';
import type { ReleaseMemo } from './release-workflow.ts';
import { ENVIRONMENT, SERVICE } from './search-attributes.ts';
import type { Outcome } from './status.ts';
import { ENGINE_QUEUE } from './task-queues.ts';
import { rehearsalId } from './workflow-ids.ts';

export const REHEARSAL = 'rehearsal';

export interface RehearsalInput {
  readonly service: string;
  readonly environment: string;
  /** The version to go back to; undefined: the one that ran well before the present one. */
  readonly to?: string;
  /** False: it only looks. */
  readonly forReal: boolean;
  /** Empty where it only looks. */
  readonly reason: string;
  readonly requestedBy: string;
  /** Only the way forward: an earlier rehearsal went back, and did not come forward again. */
  readonly finish?: { readonly from: VersionThere; readonly to: VersionThere; readonly reason: string };
}

/** A version with all that has to be there again when the rehearsal is over. */
export interface VersionThere {
  readonly version: string;
  readonly image: WireImage;
  /** Digest of the manifest artefact. */
  readonly manifests: string;
}

export interface RehearsalCheck {
  /** Short and stable: `image 2026.11.2`. */
  readonly check: string;
  readonly ok: boolean;
  /** One line: what was found. */
  readonly said: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What an environment's own worker found out. */
export interface WayBack {
  /** What runs there; undefined: nothing is known to. */
  readonly from?: VersionThere;
  /** Where it would go; undefined: there is nowhere to go. */
  readonly to?: VersionThere;
  readonly checks: readonly RehearsalCheck[];
  /** In words, empty: nobody is asked. Each of the two ways is asked for by itself. */
  readonly asks: string;
  /** What undoes the roll-back when it fails half-way, in the order in which it is done. */
  readonly undo: readonly string[];
  /** Who was let in last and has not ended well; whether it still runs is not known there. */
  readonly inside?: Inside;
}

export interface WayBackRequest {
  readonly service: string;
  readonly environment: string;
  readonly to?: string;
}

export interface AsItWasRequest {
  readonly service: string;
  readonly environment: string;
  readonly was: VersionThere;
}

/** One of the two ways. */
export interface RehearsalLeg {
  readonly to: string;
  /** ISO 8601. */
  readonly askedAt: string;
  /** Run id of the roll-back. */
  readonly runId?: string;
  /** ISO 8601: when the version was proven to run there; undefined: it was not. */
  readonly provenAt?: string;
  /** From the asking until then, people and turns included. */
  readonly tookMs?: number;
  /** How much of that it waited for people and for its turn. */
  readonly waitedMs?: number;
  readonly outcome?: Outcome;
}

export interface RehearsalStatus {
  readonly format: 1;
  /** Who only looked has rehearsed nothing. */
  readonly kind: 'rollback-rehearsal' | 'rollback-check';
  readonly service: string;
  readonly environment: string;
  /** ISO 8601: when it ended, or began while it is under way. */
  readonly at: string;
  /** The way back works, as far as was wanted; undefined: it is under way. */
  readonly ok?: boolean;
  readonly forReal: boolean;
  readonly reason: string;
  readonly requestedBy: string;
  readonly phase: 'checking' | 'back' | 'forward' | 'settling' | 'finished';
  /** In one sentence: how it ended. */
  readonly said?: string;
  readonly from?: VersionThere;
  readonly to?: VersionThere;
  /** From the asking until the version was proven to run, in milliseconds. */
  readonly backMs?: number;
  readonly forwardMs?: number;
  readonly checks: readonly RehearsalCheck[];
  readonly asks?: string;
  readonly undo?: readonly string[];
  readonly back?: RehearsalLeg;
  readonly forward?: RehearsalLeg;
  /** Present when something is left that a person has to see to: the state, and the commands that end it. */
  readonly left?: { readonly state: string; readonly todo: readonly string[] };
}

/** How whoever asks for it starts it. */
export function rehearsalStart({ service, environment, forReal, requestedBy }: RehearsalInput) {
  return {
    workflowId: rehearsalId(service, environment, forReal),
    taskQueue: ENGINE_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    memo: { requestedBy } satisfies Pick<ReleaseMemo, 'requestedBy'>,
    typedSearchAttributes: [
      { key: SERVICE, value: service },
      { key: ENVIRONMENT, value: environment },
    ],
    staticSummary: `the way back of ${service} in ${environment} · for ${requestedBy}`.slice(0, 200),
  };
}

export const rehearsalQuery = defineQuery<RehearsalStatus>('status');
