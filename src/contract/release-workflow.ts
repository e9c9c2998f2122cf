/** Workflow `release`: one service's image on its whole journey. Id `release/<service>/<version>`. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Outcome, ReleaseStatus } from './status.ts';
import type { Command, CommandAnswer, PromotionResult } from './promotion-workflow.ts';
import type { Priority } from '../domain/turns.ts';
import type { PlanAnswer } from './activities.ts';

export const RELEASE = 'release';

export interface ReleaseInput {
  readonly service: string;
  readonly version: string;
  /** `repository@sha256:…`, or `repository:tag` to be resolved once. */
  readonly image: string;
  /** Digest of the published manifest artefact. */
  readonly manifests: string;
  readonly requestedBy: string;
  /** Last environment to enter; undefined: the whole path. */
  readonly until?: string;
  /** For gates that want one. */
  readonly ticket?: string;
  /** Lets it pass gates that want no older version over a newer one. */
  readonly allowOlder?: boolean;
  /** A hot-fix goes before others that wait for their turn. Undefined: `normal`. */
  readonly priority?: Priority;
  /** What whoever starts it says of its build, for figures; nothing is decided by it. */
  readonly built?: Built;
}

export interface Built {
  /** ISO 8601: when the commit was made that it was built from. */
  readonly committedAt?: string;
  /** How long the build took. */
  readonly tookMs?: number;
}

export interface ReleaseResult {
  readonly service: string;
  readonly version: string;
  readonly image?: { readonly repository: string; readonly digest: string };
  readonly outcome: Outcome;
  readonly promotions: readonly PromotionResult[];
}

export const releaseStatusQuery = defineQuery<ReleaseStatus>('status');
export const pauseReleaseUpdate = defineUpdate<CommandAnswer, [Command]>('pause');
export const resumeReleaseUpdate = defineUpdate<CommandAnswer, [Command]>('resume');
export const abortReleaseUpdate = defineUpdate<CommandAnswer, [Command]>('abort');

/** Workflow `forecast`: the plans a release would follow, without doing anything. Id `forecast/<service>/<version>`. */
export const FORECAST = 'forecast';

export interface ForecastInput extends ReleaseInput {
  readonly manifestsPublished: boolean;
}

export interface ForecastResult {
  readonly refusal?: Outcome;
  readonly promotions: readonly { readonly environment: string; readonly answer: PlanAnswer }[];
}

/** Memo of a release, readable without a worker: what it was started with. */
export interface ReleaseMemo {
  readonly image: string;
  readonly manifests: string;
  readonly requestedBy: string;
  readonly until?: string;
  readonly built?: Built;
}
