/** What one history of a promotion says: which plan held, who agreed with which signed words, what each step left, and how it ended. */
import type { PromotionPlan } from '../contract/plan.ts';
import type { PromotionInput } from '../contract/promotion-workflow.ts';
import type { Outcome, StepStatus } from '../contract/status.ts';
import { recordOf } from '../content/json-object.ts';
import type { GivenApproval } from '../domain/approval.ts';
import { unreadable } from './evidence-error.ts';
import type { History } from './history.ts';

export interface PromotionRun {
  readonly runId: string;
  readonly input: PromotionInput;
  /** Undefined: it ended before there was one. */
  readonly plan?: PromotionPlan;
  readonly planDigest?: string;
  /** Whether the environment's zone let it in with that plan. */
  readonly admitted: boolean;
  /** ISO 8601, by the engine's server; undefined: it was not. */
  readonly admittedAt?: string;
  /** Answers that were given to that plan, with the whole signed statements. */
  readonly approvals: readonly GivenApproval[];
  /** Words of people who let it pass closed gates. */
  readonly overrides: readonly GivenApproval[];
  /** Its environment was asked to record that it was promoted, and what became of that the engine never heard. */
  readonly mayBeRecorded: boolean;
  /** Undefined: it had not ended. */
  readonly outcome?: Outcome;
  readonly steps: readonly StepStatus[];
  readonly startedAt: string;
  readonly endedAt?: string;
}

interface Planned {
  readonly plan: PromotionPlan;
  readonly planDigest: string;
}

/** Throws `evidence-unreadable` for the history of something else. */
export function promotionRun(history: History): PromotionRun {
  const input = recordOf(history.input);
  if (history.workflow !== 'promotion' || typeof input['environment'] !== 'string' || !('image' in input))
    throw unreadable('a history in it is none of a promotion');
  const result = recordOf(history.result);
  const held = planThatHeld(history, result['planDigest']);
  const words = held === undefined ? undefined : wordsAbout(history, held.planDigest);
  return {
    runId: history.runId,
    input: input as unknown as PromotionInput,
    ...(held ?? {}),
    ...admission(history, held),
    approvals: words?.approvals ?? [],
    overrides: words?.overrides ?? [],
    mayBeRecorded: history.activities.some((one) => one.activity === 'recordPromotion' && one.answer === undefined),
    ...(isOutcome(result['outcome']) ? { outcome: result['outcome'] } : {}),
    steps: Array.isArray(result['evidence']) ? (result['evidence'] as readonly StepStatus[]) : [],
    startedAt: history.startedAt,
    ...(history.endedAt === undefined ? {} : { endedAt: history.endedAt }),
  };
}

/** The one that the result names; of a promotion under way, the newest. */
function planThatHeld({ activities }: History, named: unknown): Planned | undefined {
  const plans = activities.flatMap(({ answer }) => {
    const { plan, planDigest } = recordOf(answer);
    if (typeof planDigest !== 'string' || plan === undefined) return [];
    return [{ plan: plan as PromotionPlan, planDigest }];
  });
  return named === undefined ? plans.at(-1) : plans.findLast((one) => one.planDigest === named);
}

interface Words {
  readonly approvals: readonly GivenApproval[];
  readonly overrides: readonly GivenApproval[];
}

/** As they were handed to the environment with the last request about this plan: the workflow adds to them and takes none away. */
function wordsAbout({ activities }: History, planDigest: string): Words | undefined {
  const request = activities
    .map((one) => recordOf(one.request))
    .findLast((one) => one['planDigest'] === planDigest && Array.isArray(one['approvals']));
  if (request === undefined) return undefined;
  const { approvals, overrides = [] } = request as unknown as Partial<Words>;
  return { approvals: approvals ?? [], overrides };
}

function admission({ activities }: History, held: Planned | undefined): Pick<PromotionRun, 'admitted' | 'admittedAt'> {
  const letIn = activities.findLast(({ activity, request, answer }) => {
    if (activity !== 'admit' || recordOf(request)['planDigest'] !== held?.planDigest) return false;
    const said = recordOf(answer);
    return said['ok'] === true && said['closed'] === undefined && said['planDigest'] === held?.planDigest;
  });
  if (held === undefined || letIn === undefined) return { admitted: false };
  return { admitted: true, ...(letIn.answeredAt === undefined ? {} : { admittedAt: letIn.answeredAt }) };
}

/** As at which it is judged: when it was let in, else when it ended or began. */
export function momentOf({ admittedAt, endedAt, startedAt }: PromotionRun): Date {
  return new Date(admittedAt ?? endedAt ?? startedAt);
}

function isOutcome(value: unknown): value is Outcome {
  const { kind, reason } = recordOf(value);
  return typeof kind === 'string' && typeof reason === 'string';
}
