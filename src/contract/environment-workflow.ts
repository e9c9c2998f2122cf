/**
 * Workflow `environment`: the only giver of leases, and who keeps stops and holds. Id `environment/<name>`. It lives as long as the
 * environment does and begins a new run with its state when its history has grown. Additive only.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { PastRestraint, Restraint, RestraintKind } from '../domain/restraint.ts';
import type { LeaseRequest, Newer, Turns } from '../domain/turns.ts';
import type { Unread } from '../domain/unread.ts';
import type { CommandAnswer } from './promotion-workflow.ts';
import { ENVIRONMENT } from './search-attributes.ts';
import { ENGINE_QUEUE } from './task-queues.ts';
import { environmentId } from './workflow-ids.ts';

export const ENVIRONMENT_WORKFLOW = 'environment';

export interface EnvironmentInput {
  readonly environment: string;
  /** What the run before this one knew; undefined: this is the first one, and what the environment itself remembers is read. */
  readonly state?: EnvironmentState;
  /** Events after which it begins a new run, at least 50; undefined: some thousands. */
  readonly runLength?: number;
}

/**
 * Events after which a desk begins a new run. One that many releases have driven out of a worker's memory is read again from its first
 * event before it can answer, and whoever stops a thousand of them waits for that answer.
 */
export const DESK_RUN_LENGTH = 1_000;

/** How whoever speaks first opens the desk; started twice it is the same one. */
export function deskStart(environment: string) {
  return {
    workflowId: environmentId(environment),
    taskQueue: ENGINE_QUEUE,
    args: [{ environment, runLength: DESK_RUN_LENGTH }] as [EnvironmentInput],
    staticSummary: `who may change ${environment}`,
    typedSearchAttributes: [{ key: ENVIRONMENT, value: environment }],
  };
}

export interface EnvironmentState {
  readonly format: 1;
  readonly turns: Turns;
  readonly restraints: readonly Restraint[];
  /** What runs here by service, as promotions that ended well have said. */
  readonly running: Readonly<Record<string, RunningHere>>;
  /** How long a lease was held, milliseconds, as a mean that follows: what waiting times are guessed from. */
  readonly typicalMs?: number;
  /** The environment's own workers have not written down yet what restrains it. */
  readonly unwritten?: true;
  /** What the environment remembers has not been read yet; undefined: it has, or there was nothing to read it for. */
  readonly unread?: Unread;
  /** Number of the last word to those who wait; undefined, from older desks: none had a number. */
  readonly word?: number;
  /** Stops and holds that are over, the newest first; some of them. */
  readonly past?: readonly PastRestraint[];
}

export interface RunningHere {
  readonly version: string;
  readonly digest: string;
  /** ISO 8601. */
  readonly since: string;
  readonly approvedBy: readonly string[];
  readonly requestedBy: string;
  readonly workflowId: string;
}

/** Given back when the promotion ends, however it ends. */
export interface LeaseReturn {
  readonly runId: string;
  /** Present when the environment runs something else now. */
  readonly running?: RunningHere & { readonly service: string };
}

/**
 * What a waiting promotion is told. Two messages that leave a desk together may arrive the other way round: `word` grows with each, and one
 * that was overtaken is not heard. Undefined from older desks.
 */
export type Turn = { readonly word?: number } & TurnSaid;

export type TurnSaid =
  /** `nth` as in the request: an answer to an earlier asking is not taken for one to the present one. */
  | { readonly kind: 'given'; readonly fence: number; readonly nth?: number }
  | {
      readonly kind: 'waiting';
      /** 1: next. */
      readonly position: number;
      /** What is waited for, in words. */
      readonly reason: string;
      /** What keeps it out, when that is a stop or a hold; told to whoever {@link LeaseRequest.hearsRestraints}. */
      readonly restraint?: Restraint;
      /** ISO 8601, guessed from earlier leases. */
      readonly expectedAt?: string;
    }
  /** `newer`: where that version is; undefined, from older desks: it waits too. */
  | { readonly kind: 'superseded'; readonly by: string; readonly newer?: Newer };

/** Empty: it is heard, and the rest is said when it happens. */
export interface LeaseReply {
  readonly given?: Turn & { readonly kind: 'given' };
}

export interface RestrainCommand {
  readonly kind: RestraintKind;
  readonly service?: string;
  readonly by: string;
  readonly reason: string;
  readonly incident?: string;
  /** Milliseconds; a stop needs it. Another one for the same scope extends or shortens it. */
  readonly forMs?: number;
}

export interface LiftCommand {
  readonly kind: RestraintKind;
  readonly service?: string;
  readonly by: string;
  readonly reason?: string;
  /** Only where it was set with one of these reasons: another word may have taken its place. */
  readonly setFor?: readonly string[];
}

export interface RestraintAnswer extends CommandAnswer {
  /** Promotions under way that have been told. */
  readonly told: number;
  /** False while the environment's own workers have not written it down yet: they keep trying. */
  readonly enforced: boolean;
}

export interface EnvironmentStatus extends EnvironmentState {
  readonly kind: 'environment';
  readonly environment: string;
}

/**
 * Asks for a lease and hears at once when it is given; anything else is said by {@link turnSignal} when it happens. The signal of the
 * same name asks without waiting for the answer.
 */
export const requestLeaseUpdate = defineUpdate<LeaseReply, [LeaseRequest]>('requestLease');
export const requestLeaseSignal = defineSignal<[LeaseRequest]>('requestLease');
export const returnLeaseSignal = defineSignal<[LeaseReturn]>('returnLease');
/** As the update of the same name, from a workflow: nobody waits for the answer. */
export const restrainSignal = defineSignal<[RestrainCommand]>('restrain');
export const restrainUpdate = defineUpdate<RestraintAnswer, [RestrainCommand]>('restrain');
export const liftUpdate = defineUpdate<RestraintAnswer, [LiftCommand]>('lift');
export const environmentQuery = defineQuery<EnvironmentStatus>('status');

/** To a promotion that asked for its turn. */
export const turnSignal = defineSignal<[Turn]>('turn');
/** To whoever holds that lease: everything that restrains its service now. Answered when it has been taken in. */
export const restraintsUpdate = defineUpdate<void, [readonly Restraint[], fence: number]>('restraints');
/** The same to those who do not answer: they are of an older engine, or nobody has time for them. */
export const restraintsSignal = defineSignal<[readonly Restraint[], fence: number]>('restraints');
