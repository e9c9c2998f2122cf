/** Waiting for people: the question, its deadline, and the answers, however they arrive. */
import { ActivityFailure, ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { type ApprovalStatement, refusalOf, verdictOf, withApproval } from '../../src/domain/approval.ts';
import type { PlannedPromotion } from '../../src/contract/plan.ts';
import {
  type ApprovalReply,
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
} from '../../src/contract/promotion-workflow.ts';
import { change, goOn, wait } from './journal.ts';
import { command, throwIfEnded } from './orders.ts';
import { Ending, now, planned, type PromotionRun } from './run.ts';
import { refusalFrom } from './trouble.ts';

/** Refused signals that the status remembers: nobody else would tell their sender. */
const REMEMBERED = 20;

export function listenForApprovals(run: PromotionRun): void {
  const asDecision = (decision: ApprovalStatement['decision']) => ({
    validator: (statement: ApprovalStatement) => refuseEarly(run, { ...statement, decision }),
  });
  setHandler(approveUpdate, (statement) => answer(run, { ...statement, decision: 'approve' }), asDecision('approve'));
  setHandler(rejectUpdate, (statement) => answer(run, { ...statement, decision: 'reject' }), asDecision('reject'));
  setHandler(approveSignal, (statement) => answerQuietly(run, { ...statement, decision: 'approve' }));
  setHandler(rejectSignal, (statement) => answerQuietly(run, { ...statement, decision: 'reject' }));
}

/** Opens the question for this plan; returns when enough people said yes, ends the promotion otherwise. */
export async function askPeople(run: PromotionRun): Promise<void> {
  const { plan, planDigest } = planned(run);
  const rule = plan.approval;
  if (rule === undefined) return;
  run.question = openQuestion(run, planned(run), rule.required);
  const until = Date.now() + rule.deadlineMs;
  const whom = rule.from.length > 0 ? rule.from.join(', ') : 'people who may approve';
  wait(run, 'approval', 'waiting-for-approval', {
    reason: `${plan.environment} wants ${rule.required} yes to plan ${planDigest}`,
    for: `${rule.required} of ${whom}${rule.notRequester ? `, not ${run.input.requestedBy}` : ''}`,
    since: now(),
    until: new Date(until).toISOString(),
    then: 'the release is refused',
    answer: [
      `${command(run, 'approve')} --plan ${planDigest}`,
      `${command(run, 'reject')} --plan ${planDigest} --reason "…"`,
    ],
  });
  change(run, { approval: run.question });
  const decided = (): boolean => verdict(run).kind !== 'waiting' || run.orders.end !== undefined;
  const inTime = await condition(decided, until - Date.now(), { summary: `approval for ${plan.environment}` });
  run.question = { ...run.question, open: false };
  goOn(run, 'working');
  change(run, { approval: run.question });
  throwIfEnded(run);
  const result = verdict(run);
  if (result.kind === 'rejected') {
    const reason = `rejected by ${result.by}: ${result.reason}`;
    throw new Ending({ kind: 'refused', reason, refusal: { code: 'approval-rejected', message: reason } });
  }
  if (inTime) return;
  const reason = `nobody else approved ${plan.environment} before ${new Date(until).toISOString()}`;
  throw new Ending({
    kind: 'refused',
    reason,
    refusal: { code: 'approval-expired', message: reason, remedy: 'start a new version, and ask the approvers before' },
  });
}

function openQuestion(
  run: PromotionRun,
  { plan, planDigest }: PlannedPromotion,
  required: number,
): NonNullable<PromotionRun['question']> {
  const excluded =
    plan.approval?.notRequester === true
      ? [{ name: run.input.requestedBy, because: 'whoever started a release does not approve it' }]
      : [];
  return { planDigest, required, excluded, given: [], open: true };
}

function verdict(run: PromotionRun): ReturnType<typeof verdictOf> {
  return run.question === undefined ? { kind: 'waiting', missing: 1 } : verdictOf(run.question);
}

/** Synchronous: refuses an update before it enters history. */
function refuseEarly(run: PromotionRun, statement: ApprovalStatement): void {
  if (run.status.phase === 'finished') {
    const message = `this promotion has ended: ${run.status.outcome?.kind ?? 'unknown'}`;
    throw ApplicationFailure.nonRetryable(message, 'release-finished', { code: 'release-finished', message });
  }
  const question = run.question;
  const refusal = question === undefined ? NOT_ASKED : refusalOf(question, statement);
  if (refusal !== undefined) throw ApplicationFailure.nonRetryable(refusal.message, refusal.code, refusal);
}

const NOT_ASKED = { code: 'approval-not-open', message: 'nothing waits for an approval here yet' } as const;

/** Counts an answer once its author is verified in the environment's own zone; the rules are asked again afterwards. */
async function answer(run: PromotionRun, statement: ApprovalStatement): Promise<ApprovalReply> {
  refuseEarly(run, statement);
  const { plan, planDigest } = planned(run);
  const summary = `verify ${statement.decision} by ${statement.approver}`;
  const checked = await run.hands.checkApproval.executeWithOptions({ summary }, [{ plan, planDigest, statement }]);
  if (!checked.ok)
    throw ApplicationFailure.nonRetryable(checked.refusal.message, checked.refusal.code, checked.refusal);
  refuseEarly(run, statement);
  if (run.question === undefined) throw new Error('a question that was just open has disappeared');
  run.question = withApproval(run.question, { ...statement, approver: checked.subject }, now());
  change(run, { approval: run.question });
  const result = verdictOf(run.question);
  const missing = result.kind === 'waiting' ? result.missing : 0;
  const message = {
    waiting: `counted; ${missing} more needed`,
    approved: 'counted; it goes on',
    rejected: 'counted; the release is refused',
  }[result.kind];
  return { message, missing };
}

/** A signal has nobody to tell: a refused one stands in the status. */
async function answerQuietly(run: PromotionRun, statement: ApprovalStatement): Promise<void> {
  try {
    await answer(run, statement);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) && !(error instanceof ActivityFailure)) throw error;
    const { code, message } = refusalFrom(error);
    const refused = { approver: String(statement.approver), code, message, at: now() };
    change(run, { refusedAnswers: [...run.status.refusedAnswers, refused].slice(-REMEMBERED) });
  }
}
