/** Whether an answer is really from who it says: the environment's own verifier decides, never the message. */
import type { ApprovalAnswer, ApprovalRequest, StepRequest } from '../src/contract/activities.ts';
import type { PlannedPromotion } from '../src/contract/plan.ts';
import { releaseId } from '../src/contract/workflow-ids.ts';
import {
  type ApprovalStatement,
  type GivenApproval,
  openQuestion,
  type ProvenFacts,
  refusalOf,
  verdictOf,
  withApproval,
} from '../src/domain/approval.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { ApprovalRule } from '../src/domain/rulebook.ts';
import { type ExpectedAnswer, SKEW_MS } from '../src/domain/statement.ts';
import type { ApprovalVerifier, ApproverVerdict } from '../src/ports/approvals.ts';
import { type Asked, audit } from './audit.ts';
import type { Zone } from './zone.ts';

export async function checkApproval(zone: Zone, request: ApprovalRequest): Promise<ApprovalAnswer> {
  const { plan, planDigest, statement, requestedBy = '' } = request;
  if (plan.approval === undefined) {
    const message = `${plan.environment} asks for no approval`;
    return audited(request, { ok: false, refusal: { code: 'approval-not-open', message } });
  }
  const expected = expectedAnswer({ plan, planDigest, requestedBy }, zone.now());
  return audited(request, answerOf(await zone.ports.approvals.verify(statement, plan.approval, expected)));
}

/** The same answer; what is refused is logged. */
export function audited(asked: Asked, answer: ApprovalAnswer): ApprovalAnswer {
  if (!answer.ok) audit(asked, answer.refusal);
  return answer;
}

/** A verdict as it crosses Temporal. */
export function answerOf(verdict: ApproverVerdict): ApprovalAnswer {
  const { kind: _, ...rest } = verdict;
  return 'refusal' in rest ? { ok: false, ...rest } : { ok: true, ...rest };
}

/** What the zone itself knows about the question of a promotion, for {@link verifyGiven} and for each answer. */
export function expectedAnswer(
  { plan, planDigest, requestedBy }: Pick<StepRequest, 'plan' | 'planDigest' | 'requestedBy'>,
  at: Date,
): ExpectedAnswer {
  const { service, version, environment, authors } = plan;
  return {
    release: releaseId(service, version),
    ...{ service, version, environment, planDigest, requestedBy, at },
    ...(authors === undefined ? {} : { authors }),
  };
}

/** Answers that admit a promotion, with what was found out about each; or why they do not. */
export type Proven =
  { readonly ok: true; readonly proven: readonly ProvenFacts[] } | { readonly ok: false; readonly refusal: Refusal };

/**
 * At the point of use: verifies every given approval again and counts them again. Nothing that the workflow says about them is
 * believed but their order, which the signed times must bear out. Whether a yes had grown too old is judged at the time of the newest
 * one, so that a slow promotion does not outlive its own approval half-way.
 */
export async function verifyGiven(
  verifier: ApprovalVerifier,
  rule: ApprovalRule,
  given: readonly GivenApproval[],
  expected: ExpectedAnswer,
): Promise<Proven> {
  const { widen } = rule;
  const asked = openQuestion(rule, expected);
  let state = widen === undefined ? asked : { ...asked, widenedTo: widen.to };
  let newestMs = 0;
  for (const { at, ...said } of given) {
    const answer = unproven(said);
    const verdict = await verifier.verify(answer, rule, expected);
    if (verdict.kind === 'refused') return { ok: false, refusal: verdict.refusal };
    const { kind: _, subject, ...proven } = verdict;
    const counted = { ...answer, approver: subject, ...proven };
    const momentMs = Date.parse(proven.signedAt ?? at);
    const disorder = momentMs < newestMs - 2 * SKEW_MS ? shuffled(rule) : undefined;
    const refusal = disorder ?? refusalOf(state, counted, momentMs);
    if (refusal !== undefined) return { ok: false, refusal };
    newestMs = Math.max(newestMs, momentMs);
    state = withApproval(state, counted, at);
  }
  const missing = shortfall(verdictOf(state, newestMs), expected.environment);
  return missing === undefined ? { ok: true, proven: state.given } : { ok: false, refusal: missing };
}

/** What the person said, without what anybody claims to have found out about it. */
export function unproven(said: ApprovalStatement): ApprovalStatement {
  const { decision, approver, planDigest, reason, overrides, statement } = said;
  return {
    ...{ decision, approver, planDigest },
    ...(reason === undefined ? {} : { reason }),
    ...(overrides === undefined ? {} : { overrides }),
    ...(statement === undefined ? {} : { statement }),
  };
}

/** Two people's clocks may differ by a minute each way. */
function shuffled({ order }: ApprovalRule): Refusal | undefined {
  if (order !== 'in-order') return undefined;
  return {
    code: 'approval-out-of-order',
    message: 'the answers were signed in another order than they are counted in',
  };
}

function shortfall(verdict: ReturnType<typeof verdictOf>, environment: string): Refusal | undefined {
  if (verdict.kind === 'approved') return undefined;
  if (verdict.kind === 'rejected') {
    return { code: 'approval-rejected', message: `rejected by ${verdict.by}: ${verdict.reason}` };
  }
  return {
    code: 'approval-unproven',
    message: `${environment} is not approved: ${verdict.missing} more proven yes needed`,
    remedy: 'start the release with "sluice start" and let it ask',
  };
}

/** Nobody need be asked, or enough of the right people have said yes to exactly this plan. */
export async function provenApprovals(
  zone: Zone,
  request: StepRequest,
  { plan, planDigest }: PlannedPromotion,
): Promise<Proven> {
  const rule = plan.approval;
  if (rule === undefined) return { ok: true, proven: [] };
  const expected = expectedAnswer({ ...request, plan, planDigest }, zone.now());
  return verifyGiven(zone.ports.approvals, rule, request.approvals, expected);
}
