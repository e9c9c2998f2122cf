/** One promotion under way: what it was asked, what it knows, and what its `status` query answers. */
import { workflowInfo } from '@temporalio/workflow';
import type { ApprovalState, GivenApproval } from '../../src/domain/approval.ts';
import type { Soaked } from '../../src/domain/gate.ts';
import type { QuestionClock } from '../../src/domain/approval-moments.ts';
import { type Restraint, type RestraintKind, RESTRAINTS } from '../../src/domain/restraint.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';
import type { StepName } from '../../src/domain/step.ts';
import type { MayPass, StepAnswer, StepRequest } from '../../src/contract/activities.ts';
import type { Turn } from '../../src/contract/environment-workflow.ts';
import type { PlannedPromotion } from '../../src/contract/plan.ts';
import type { PromotionInput } from '../../src/contract/promotion-workflow.ts';
import type { Outcome, PromotionStatus } from '../../src/contract/status.ts';
import { environmentActivities, type Hands } from './activity-options.ts';
import { type Notices, openNotices } from './notices.ts';

/** What operators asked for; obeyed at safe points (`orders.ts`). */
export interface Orders {
  pause: { readonly by: string; readonly reason: string; readonly since: string; readonly untilMs: number } | undefined;
  /** Decided once; later orders to end are refused. */
  end: { readonly kind: 'aborted' | 'rolled-back'; readonly by: string; readonly reason: string } | undefined;
  /** Counts `retry`: whoever waits for attention compares before and after. */
  retries: number;
  /** In a stuck undo, `abort` gives that undo up; counted like `retries`. */
  givenUp: number;
}

/** One thing that undo does, in the order in which undo does it. */
export interface UndoPart {
  readonly does: string;
  readonly act: (run: PromotionRun) => Promise<StepAnswer>;
}

export interface Undo {
  readonly step: StepName;
  readonly parts: readonly UndoPart[];
}

export interface Asking {
  readonly request: LeaseRequest;
  /** When the desk has heard it; what it has answered at once is in the run's `turn` by then. */
  readonly heard: Promise<void>;
}

export interface PromotionRun {
  readonly input: PromotionInput;
  readonly hands: Hands;
  readonly orders: Orders;
  /** Registered before each step runs, so that a step that died half-way is undone too. */
  readonly undo: Undo[];
  readonly notices: Notices;
  status: PromotionStatus;
  planned: PlannedPromotion | undefined;
  question: ApprovalState | undefined;
  /** What people were shown last, and the times of that question. */
  shown: PlannedPromotion | undefined;
  clock: QuestionClock | undefined;
  /** Answers that the zone is looking at. */
  verifying: number;
  /** Verified words of people who let it pass closed gates. */
  overrides: readonly GivenApproval[];
  /** Milliseconds; since when a gate has said a no that somebody may pass. */
  refusedMs: number | undefined;
  /** Stops and holds that such a word has opened; whoever gives leases is told. */
  passes: readonly RestraintKind[];
  /** Whose word opens a stop or a hold there, as the zone has said with the plan. */
  mayPass: MayPass | undefined;
  /** Environments in which it is to have been healthy, as the zone has said with the plan, and what they have said last. */
  soaksIn: readonly string[];
  soaked: readonly Soaked[];
  /** What restrains the service, as the environment's desk has said to the holder of that lease. */
  restrained: { readonly restraints: readonly Restraint[]; readonly fence: number | undefined };
  /** What the desk has said last; undefined: nothing was asked. */
  turn: Turn | { readonly kind: 'asked' } | undefined;
  /** Number of the last word of a desk that was heard. */
  word: number | undefined;
  /** What was asked of the desk last, and when the desk has heard it. */
  asking: Asking | undefined;
  /** Number of the lease that it holds. */
  fence: number | undefined;
}

/** Ends the promotion from wherever it is; caught once, in `promotion`. Never leaves the workflow. */
export class Ending extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.reason);
    this.name = 'Ending';
    this.outcome = outcome;
  }
}

export function openRun(input: PromotionInput): PromotionRun {
  const status: PromotionStatus = {
    format: 1,
    kind: 'promotion',
    workflowId: workflowInfo().workflowId,
    service: input.service,
    version: input.version,
    environment: input.environment,
    image: input.image,
    requestedBy: input.requestedBy,
    ...(input.rollback === undefined ? {} : { rollback: input.rollback }),
    phase: 'planning',
    startedAt: now(),
    steps: [],
    refusedAnswers: [],
    undoPlan: [],
  };
  const hands = environmentActivities(input.environment, input.timing);
  return {
    input,
    hands,
    orders: { pause: undefined, end: undefined, retries: 0, givenUp: 0 },
    undo: [],
    notices: openNotices(input.notify),
    status,
    planned: undefined,
    question: undefined,
    shown: undefined,
    clock: undefined,
    verifying: 0,
    overrides: [],
    refusedMs: undefined,
    // what goes back takes away what the stop or the hold is about
    passes: input.rollback === undefined ? [] : RESTRAINTS,
    mayPass: undefined,
    soaksIn: [],
    soaked: [],
    restrained: { restraints: [], fence: undefined },
    turn: undefined,
    word: undefined,
    asking: undefined,
    fence: undefined,
  };
}

/** The workflow's own clock, ISO 8601; equal in every replay. */
export function now(): string {
  return new Date().toISOString();
}

export function later(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

/** What is refused when its time is over. */
export function whatItIs({ input }: Pick<PromotionRun, 'input'>): string {
  return input.rollback === undefined ? 'the release' : 'the roll-back';
}

export function planned(run: PromotionRun): PlannedPromotion {
  if (run.planned === undefined) throw new Error('asked for the plan before there was one');
  return run.planned;
}

export function approvalsOf(run: PromotionRun): readonly GivenApproval[] {
  return run.question?.given ?? [];
}

export function stepRequest(run: PromotionRun): StepRequest {
  const { plan, planDigest, baseline } = planned(run);
  return {
    plan,
    planDigest,
    baseline,
    approvals: approvalsOf(run),
    requestedBy: run.input.requestedBy,
    workflowId: run.status.workflowId,
    ...entryOf(run),
    ...(run.overrides.length === 0 ? {} : { overrides: run.overrides }),
    ...(run.fence === undefined ? {} : { fence: run.fence }),
  };
}

function entryOf({ input, soaked }: PromotionRun): Pick<StepRequest, 'entry'> {
  if (soaked.length > 0) return { entry: { passed: [], ...input.entry, soaked } };
  return input.entry === undefined ? {} : { entry: input.entry };
}
