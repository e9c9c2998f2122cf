/** Workflow `promotion`: bring one release into one environment. Id `promotion/<service>/<version>/<environment>`. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ApprovalStatement } from '../domain/approval.ts';
import type { Outcome, PromotionStatus, StepStatus } from './status.ts';
import type { Interest } from '../domain/notification.ts';
import type { Priority } from '../domain/turns.ts';
import type { Timing } from '../domain/rulebook.ts';
import type { Entry, WireImage } from './plan.ts';

export const PROMOTION = 'promotion';

export interface PromotionInput {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Where the image is now; equal to `environment` for the first of the path. */
  readonly source: string;
  readonly image: WireImage;
  readonly manifests: string;
  readonly requestedBy: string;
  readonly timing: Timing;
  readonly entry?: Entry;
  /** Who wants to hear of it; undefined: nobody. */
  readonly notify?: readonly Interest[];
  /** Present when it goes back to what ran well there before. */
  readonly rollback?: {
    readonly reason: string;
    /** Present when nobody named the version to go back to: the one that is to be taken away. */
    readonly awayFrom?: string;
    /** It is only rehearsed: what is taken away is as good as before. */
    readonly rehearsal?: true;
  };
  /** Undefined: `normal`. */
  readonly priority?: Priority;
}

export interface PromotionResult {
  readonly environment: string;
  readonly outcome: Outcome;
  readonly planDigest?: string;
  readonly evidence: readonly StepStatus[];
  readonly runId?: string;
}

/** Who says it and why; `forMs` limits a pause. */
export interface Command {
  readonly by: string;
  readonly reason?: string;
  readonly forMs?: number;
}

export interface CommandAnswer {
  /** What will happen, in one sentence. */
  readonly message: string;
}

export interface ApprovalReply extends CommandAnswer {
  readonly missing: number;
}

/** What a release passes on to its running promotion. */
export type Control = Command & { readonly command: 'pause' | 'resume' | 'abort' };

export const statusQuery = defineQuery<PromotionStatus>('status');
export const approveUpdate = defineUpdate<ApprovalReply, [ApprovalStatement]>('approve');
export const rejectUpdate = defineUpdate<ApprovalReply, [ApprovalStatement]>('reject');
/** Passing closed gates: a yes to the plan that names them. */
export const overrideUpdate = defineUpdate<CommandAnswer, [ApprovalStatement]>('override');
export const approveSignal = defineSignal<[ApprovalStatement]>('approve');
export const rejectSignal = defineSignal<[ApprovalStatement]>('reject');
export const pauseUpdate = defineUpdate<CommandAnswer, [Command]>('pause');
export const resumeUpdate = defineUpdate<CommandAnswer, [Command]>('resume');
export const abortUpdate = defineUpdate<CommandAnswer, [Command]>('abort');
export const retryUpdate = defineUpdate<CommandAnswer, [Command]>('retry');
export const rollBackUpdate = defineUpdate<CommandAnswer, [Command]>('rollBack');
export const controlSignal = defineSignal<[Control]>('control');
