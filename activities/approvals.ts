/** Whether an answer is really from who it says: the environment's own verifier decides, never the message. */
import type { ApprovalAnswer, ApprovalRequest, StepRequest } from '../src/contract/activities.ts';
import type { PlannedPromotion } from '../src/contract/plan.ts';
import { releaseId } from '../src/contract/workflow-ids.ts';
import type { ExpectedAnswer } from '../src/domain/statement.ts';
import type { ApproverVerdict } from '../src/ports/approvals.ts';
import { type Proven, verifyGiven } from '../src/statements/given.ts';
import { type Asked, audit } from './audit.ts';
import { verifierThatRemembers, verifierWithMemory } from './sightings.ts';
import type { Zone } from './zone.ts';

export async function checkApproval(zone: Zone, request: ApprovalRequest): Promise<ApprovalAnswer> {
  const { plan, planDigest, statement, requestedBy = '' } = request;
  if (plan.approval === undefined) {
    const message = `${plan.environment} asks for no approval`;
    return audited(request, { ok: false, refusal: { code: 'approval-not-open', message } });
  }
  const expected = expectedAnswer({ plan, planDigest, requestedBy }, zone.now());
  const verifier = verifierThatRemembers(zone, plan.service);
  return audited(request, answerOf(await verifier.verify(statement, plan.approval, expected)));
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

/** Nobody need be asked, or enough of the right people have said yes to exactly this plan. */
export async function provenApprovals(
  zone: Zone,
  request: StepRequest,
  { plan, planDigest }: PlannedPromotion,
): Promise<Proven> {
  const rule = plan.approval;
  if (rule === undefined) return { ok: true, proven: [], left: [], counted: [] };
  const expected = expectedAnswer({ ...request, plan, planDigest }, zone.now());
  const answer = await verifyGiven(verifierWithMemory(zone, plan.service), rule, request.approvals, expected);
  for (const { statement, refusal } of answer.ok ? answer.left : []) audit({ ...request, statement }, refusal);
  return answer;
}
