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
import { releaseId } from '../contract/workflow-ids.ts';
import type { ApprovalStatement, Decision } from '../domain/approval.ts';
import { isDigest } from '../domain/digest.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import type { StatementFacts } from '../domain/statement.ts';
import type { Engine } from './engine.ts';
import { assertShort } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { readPromotionStatus } from './promotion-status.ts';
import { asking } from './temporal-errors.ts';
import { listedPromotion, type PromotionKey, runningPromotion } from './waiting-promotion.ts';

/** Signs as somebody who can prove who they are; where the key is, is the caller's business. */
export interface Signer {
  readonly subject: string;
  /** A compact JWS over exactly these facts, good for that long. */
  sign(facts: StatementFacts, goodForMs: number): Promise<string>;
}

/** How long a signed answer counts when its question is not known, and how much longer than the question: steps may wait for repair. */
const USUAL_MS = 3 * 86_400_000;
const WORK_MS = 3 * 86_400_000;
const DEFERRED_MS = 60 * 86_400_000;

export interface AnswerRequest extends PromotionKey {
  readonly decision: Decision;
  /** The signer's subject unless given, else the connection's user. */
  readonly approver?: string;
  /** Undefined: the answer states a name and proves nothing; most environments refuse that. */
  readonly signer?: Signer;
  /** Names of closed gates to pass; needs a reason. */
  readonly overrides?: readonly string[];
  /** A no needs one. */
  readonly reason?: string;
  /** Digest of the plan that was looked at; the current one unless given. */
  readonly plan?: string;
  /** Leave the answer with the server instead of asking a worker: with `plan` it survives that none runs. Nobody says whether it counted. */
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
  const { plan: pinned, reason } = request;
  if (pinned !== undefined && !isDigest(pinned)) {
    throw new ReleaseEngineError('digest-malformed', `"${pinned}" is no digest of a plan`, {
      expected: 'sha256:<64 hexadecimal characters>, as "sluice status" shows it',
      got: pinned,
    });
  }
  assertShort('reason', reason, 'approval-too-large');
  assertReason(request);
  const blind = request.bySignal === true && pinned !== undefined;
  const find = blind ? listedPromotion : runningPromotion;
  const workflowId = await find(engine, request).catch(needsAPlan(request));
  const status = blind ? undefined : await openQuestion(engine, workflowId, pinned).catch(needsAPlan(request));
  const statement = await stated(engine, request, workflowId, pinned ?? status?.planDigest ?? '', status?.plan);
  const decidedOn = status?.plan === undefined ? {} : { decidedOn: status.plan };
  const reply = await send(engine, workflowId, statement, request.bySignal === true);
  return { workflowId, statement, ...(reply === undefined ? {} : { reply }), ...decidedOn };
}

/** Which plan waits only a worker knows. */
function needsAPlan({ bySignal, plan }: AnswerRequest) {
  return (error: unknown): never => {
    const isAway = error instanceof ReleaseEngineError && error.code === 'worker-missing';
    if (!isAway || bySignal !== true || plan !== undefined) throw error;
    throw new ReleaseEngineError('worker-missing', `${error.message}; which plan waits only a worker says`, {
      remedy: `name the plan that you looked at ("--plan", in the library "plan"): then a signal needs no worker; or ${error.remedy ?? ''}`,
      cause: error.cause,
    });
  };
}

/** Of a signal nobody would say that it cannot count. */
function assertReason({ decision, reason = '', bySignal }: AnswerRequest): void {
  if (decision !== 'reject' || bySignal !== true || reason.trim() !== '') return;
  throw new ReleaseEngineError('approval-reason-missing', 'a no needs a reason', {
    remedy: 'say why with --reason',
  });
}

/** The answer as it is sent: signed where somebody can sign. */
export async function stated(
  engine: Engine,
  request: AnswerRequest,
  workflowId: string,
  planDigest: string,
  plan: PromotionPlan | undefined,
): Promise<ApprovalStatement> {
  const { decision, reason, overrides, signer, service, version } = request;
  const said = {
    decision,
    planDigest,
    ...(reason === undefined ? {} : { reason }),
    ...(overrides === undefined ? {} : { overrides }),
  };
  const approver = request.approver ?? signer?.subject ?? engine.user;
  if (signer === undefined) return { ...said, approver };
  const [, , , environment = ''] = workflowId.split('/');
  const facts = { release: releaseId(service, version), service, version, environment, ...said };
  return { ...said, approver, statement: await signer.sign(facts, goodForMs(plan?.approval)) };
}

/** How long an answer to this question is signed for: until the question is over, and the work that follows the last yes. */
export function goodForMs(rule: ApprovalRule | undefined): number {
  if (rule === undefined) return USUAL_MS + WORK_MS;
  if (rule.goodForMs !== undefined) return rule.goodForMs + WORK_MS;
  return rule.atDeadline === 'defer' ? DEFERRED_MS : rule.deadlineMs + WORK_MS;
}

/** A pinned plan is sent whatever the state, so that the promotion itself says what is wrong with it. */
export async function openQuestion(
  engine: Engine,
  workflowId: string,
  pinned: string | undefined,
): Promise<PromotionStatus> {
  const status = await readPromotionStatus(engine, { workflowId });
  if (status.planDigest !== undefined) return status;
  if (pinned !== undefined) return status;
  throw new ReleaseEngineError(
    'approval-not-open',
    `${status.environment} has no plan yet; the promotion is ${status.phase}`,
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
  const asked = { what: `${statement.decision} ${workflowId}`, workflowId, queue: ENGINE_QUEUE };
  const yes = statement.decision === 'approve';
  if (bySignal) {
    await asking(engine, asked, () => handle.signal(yes ? approveSignal : rejectSignal, statement));
    return undefined;
  }
  const [, service = '', version = ''] = workflowId.split('/');
  return asking(engine, { ...asked, left: { look: `sluice status ${service} ${version}` } }, () =>
    handle.executeUpdate(yes ? approveUpdate : rejectUpdate, { args: [statement] }),
  );
}
