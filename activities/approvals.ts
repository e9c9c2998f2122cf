/** Whether an answer is really from who it says: the environment's own verifier decides, never the message. */
import type { ApprovalAnswer, ApprovalRequest } from '../src/contract/activities.ts';
import type { Zone } from './zone.ts';

export async function checkApproval(zone: Zone, { plan, statement }: ApprovalRequest): Promise<ApprovalAnswer> {
  if (plan.approval === undefined) {
    return { ok: false, refusal: { code: 'approval-not-open', message: `${plan.environment} asks for no approval` } };
  }
  const verdict = await zone.ports.approvals.verify(statement, plan.approval);
  if (verdict.kind === 'refused') return { ok: false, refusal: verdict.refusal };
  return { ok: true, subject: verdict.subject, groups: verdict.groups };
}
