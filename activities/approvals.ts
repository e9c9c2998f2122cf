/** Whether an answer is really from who it says: the environment's own verifier decides, never the message. */
import type { ApprovalAnswer, ApprovalRequest, StepRequest } from '../src/contract/activities.ts';
import type { PlannedPromotion } from '../src/contract/plan.ts';
import { samePerson } from '../src/domain/approval.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { Zone } from './zone.ts';

export async function checkApproval(zone: Zone, { plan, statement }: ApprovalRequest): Promise<ApprovalAnswer> {
  if (plan.approval === undefined) {
    return { ok: false, refusal: { code: 'approval-not-open', message: `${plan.environment} asks for no approval` } };
  }
  const verdict = await zone.ports.approvals.verify(statement, plan.approval);
  if (verdict.kind === 'refused') return { ok: false, refusal: verdict.refusal };
  return { ok: true, subject: verdict.subject, groups: verdict.groups };
}

/** Undefined when enough different people have said yes to exactly this plan, each verified again here. */
export async function approvalsRefusal(
  zone: Zone,
  { approvals, requestedBy }: StepRequest,
  { plan, planDigest }: PlannedPromotion,
): Promise<Refusal | undefined> {
  const rule = plan.approval;
  if (rule === undefined) return undefined;
  const people: string[] = [];
  for (const given of approvals) {
    if (given.decision !== 'approve' || given.planDigest !== planDigest) continue;
    const verdict = await zone.ports.approvals.verify(given, rule);
    if (verdict.kind === 'refused') return verdict.refusal;
    if (rule.notRequester && samePerson(verdict.subject, requestedBy)) continue;
    if (!people.some((one) => samePerson(one, verdict.subject))) people.push(verdict.subject);
  }
  if (people.length >= rule.required) return undefined;
  return {
    code: 'not-admitted',
    message: `${plan.environment} wants ${rule.required} yes to plan ${planDigest}`,
    expected: `${rule.required} different people`,
    got: people.length === 0 ? 'nobody' : people.join(', '),
    remedy: 'answer with "sluice approve"; an approval counts for one plan only',
  };
}
