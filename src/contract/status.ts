/** What the `status` queries answer: one versioned JSON value, for people, scripts and screens. Additive only. */
import type { ApprovalState, GivenApproval } from '../domain/approval.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { ManifestChanges } from '../domain/manifest-change.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { StepName } from '../domain/step.ts';
import type { Baseline, PromotionPlan, WireImage } from './plan.ts';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** One sentence. */
  readonly reason: string;
  readonly refusal?: Refusal;
}

/** Why nothing moves at the moment, for whom, since and until when, what happens then, and what to type (`domain/waiting.ts` words it). */
export interface Waiting {
  readonly reason: string;
  readonly for: string;
  /** ISO 8601. */
  readonly since: string;
  readonly until?: string;
  /** What happens at `until`. */
  readonly then?: string;
  /** ISO 8601, a guess: when it is likely to go on. Undefined where nobody can tell. */
  readonly expectedAt?: string;
  /** Commands that answer it. */
  readonly answer: readonly string[];
  /** Closed gates that people may pass; undefined where no gate is waited for, and from older engines. */
  readonly passable?: readonly PassableGate[];
}

export interface PassableGate {
  readonly gate: string;
  /** What it said. */
  readonly said: string;
  /** Groups whose members may pass it. */
  readonly groups: readonly string[];
}

export type StepState = 'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'undone';

export interface StepStatus {
  readonly step: StepName;
  readonly state: StepState;
  readonly does: string;
  readonly undo: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly summary?: string;
  readonly facts?: Readonly<Record<string, string>>;
}

export type PromotionPhase =
  | 'planning'
  | 'waiting-for-gate'
  | 'waiting-for-approval'
  | 'waiting-for-turn'
  | 'working'
  | 'paused'
  | 'stopped'
  | 'needs-attention'
  | 'undoing'
  | 'undo-stuck'
  | 'finished';

export interface Attention extends Refusal {
  readonly step: StepName;
  readonly since: string;
}

export interface Pausing {
  readonly by: string;
  /** Empty: none was given. */
  readonly reason: string;
  /** ISO 8601; when it goes on by itself. */
  readonly until: string;
}

export interface PromotionStatus {
  readonly format: 1;
  readonly kind: 'promotion';
  readonly workflowId: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly image: WireImage;
  readonly requestedBy: string;
  /** Present when it goes back to what ran well there before, with the reason for that. */
  readonly rollback?: { readonly reason: string; readonly awayFrom?: string; readonly rehearsal?: true };
  readonly phase: PromotionPhase;
  readonly startedAt: string;
  readonly step?: StepName;
  readonly steps: readonly StepStatus[];
  readonly next?: string;
  readonly waiting?: Waiting;
  /** Somebody has asked for a pause, which begins at the next safe point. */
  readonly pausing?: Pausing;
  readonly attention?: Attention;
  readonly plan?: PromotionPlan;
  readonly planDigest?: string;
  readonly baseline?: Baseline;
  /** What would change in the cluster, as seen when the plan was made; undefined from older engines. */
  readonly changes?: ManifestChanges;
  readonly approval?: ApprovalState;
  /** Verified words of people who let it pass closed gates. */
  readonly overrides?: readonly GivenApproval[];
  /** Refused answers that arrived as signals, newest last, at most 20: nobody else would tell their sender. */
  readonly refusedAnswers: readonly {
    readonly approver: string;
    readonly code: string;
    readonly message: string;
    readonly at: string;
  }[];
  /** What undo would do now, in the order in which it would be done. */
  readonly undoPlan: readonly string[];
  readonly outcome?: Outcome;
  /** ISO 8601; also undefined from older engines, here and below. */
  readonly endedAt?: string;
}

export type ReleasePhase = 'resolving' | 'promoting' | 'paused' | 'finished';

export interface ReleaseLeg {
  readonly environment: string;
  readonly workflowId: string;
  readonly state: 'pending' | 'running' | 'finished';
  readonly outcome?: Outcome;
  /** The run that ended it: a roll-back to this version is a later run of the same workflow id. */
  readonly runId?: string;
}

export interface ReleaseStatus {
  /** Where its evidence was handed over to be kept: in the first of these that can. Empty: it entered no environment that keeps any. Undefined: it has not ended. */
  readonly evidenceIn?: readonly string[];
  readonly format: 1;
  readonly kind: 'release';
  readonly workflowId: string;
  readonly service: string;
  readonly version: string;
  /** As the caller wrote it. */
  readonly requestedImage: string;
  readonly image?: WireImage;
  readonly manifests: string;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly phase: ReleasePhase;
  readonly legs: readonly ReleaseLeg[];
  readonly waiting?: Waiting;
  readonly outcome?: Outcome;
  readonly endedAt?: string;
}
