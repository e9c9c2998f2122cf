/** Yes and no to a promotion, bound to the plan that the person was shown. */
import {
  type ApprovalReply,
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
} from '../contract/promotion-workflow.ts';
import type { PromotionPlan } from '../contract/plan.ts';
import type { PromotionStatus } from '../contract/status.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import type { ApprovalStatement, Decision } from '../domain/approval.ts';
import { isDigest } from '../domain/digest.ts';
import type { Engine } from './engine.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { readPromotionStatus } from './status.ts';
import { asking } from './temporal-errors.ts';
import { type PromotionKey, runningPromotion } from './waiting-promotion.ts';

export interface AnswerRequest extends PromotionKey {
  readonly decision: Decision;
  /** The connection's user unless given. */
  readonly approver?: string;
  /** A no needs one. */
  readonly reason?: string;
  /** Digest of the plan that was looked at; the current one unless given. */
  readonly plan?: string;
  /** Leave the answer with the server instead of asking a worker: survives that none runs, and nobody says whether it counted. */
  readonly bySignal?: boolean;
}

export interface GivenAnswer {
  readonly workflowId: string;
  readonly statement: ApprovalStatement;
  /** Undefined when the answer went as a signal. */
  readonly reply?: ApprovalReply;
  /** What was decided on; undefined when the plan was pinned and no worker was asked. */
  readonly decidedOn?: PromotionPlan;
}

/** Throws every `approval-…` code, `release-finished`, `release-not-found`, `worker-missing`. */
export async function answer(engine: Engine, request: AnswerRequest): Promise<GivenAnswer> {
  const { decision, plan: pinned, reason } = request;
  if (pinned !== undefined && !isDigest(pinned)) {
    throw new ReleaseEngineError('digest-malformed', `"${pinned}" is no digest of a plan`, {
      expected: 'sha256:<64 hexadecimal characters>, as "sluice status" shows it',
      got: pinned,
    });
  }
  const workflowId = await runningPromotion(engine, request);
  const blind = request.bySignal === true && pinned !== undefined;
  const status = blind ? undefined : await openQuestion(engine, workflowId, pinned);
  const statement: ApprovalStatement = {
    decision,
    approver: request.approver ?? engine.user,
    ...(reason === undefined ? {} : { reason }),
    planDigest: pinned ?? status?.planDigest ?? '',
  };
  const decidedOn = status?.plan === undefined ? {} : { decidedOn: status.plan };
  const reply = await send(engine, workflowId, statement, request.bySignal === true);
  return { workflowId, statement, ...(reply === undefined ? {} : { reply }), ...decidedOn };
}

/** A pinned plan is sent whatever the state, so that the promotion itself says what is wrong with it. */
async function openQuestion(engine: Engine, workflowId: string, pinned: string | undefined): Promise<PromotionStatus> {
  const status = await readPromotionStatus(engine, workflowId);
  if (status.planDigest !== undefined) return status;
  if (pinned !== undefined) return status;
  throw new ReleaseEngineError(
    'approval-not-open',
    `${status.environment} has no plan to decide on yet; it is ${status.phase}`,
    {
      remedy: `look at it with "sluice status ${status.service} ${status.version}"`,
    },
  );
}

async function send(
  engine: Engine,
  workflowId: string,
  statement: ApprovalStatement,
  bySignal: boolean,
): Promise<ApprovalReply | undefined> {
  const handle = engine.temporal.workflow.getHandle(workflowId);
  const attempted = { what: `${statement.decision} ${workflowId}`, workflowId, queue: ENGINE_QUEUE };
  const yes = statement.decision === 'approve';
  if (bySignal) {
    await asking(engine, attempted, () => handle.signal(yes ? approveSignal : rejectSignal, statement));
    return undefined;
  }
  return asking(engine, attempted, () =>
    handle.executeUpdate(yes ? approveUpdate : rejectUpdate, { args: [statement] }),
  );
}
