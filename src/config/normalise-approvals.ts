/** Approvals: several written entries → one rule of one or more groups. What is not written is not in the rule. */
import type { ApprovalRule, GroupRule } from '../domain/rulebook.ts';
import { APPROVAL } from './defaults.ts';
import { msOf } from './duration.ts';
import type { WrittenEnvironment } from './written.ts';

type WrittenApproval = NonNullable<WrittenEnvironment['approvals']>[number];

export function approvalRule({ approvals, approvalPolicy = {} }: WrittenEnvironment): ApprovalRule | undefined {
  const [first, ...others] = approvals ?? [];
  if (first === undefined) return undefined;
  const { order, goodFor, remindEvery, widen, atDeadline, voidOn } = approvalPolicy;
  const expires = [first, ...others].find((one) => one.expiresAfter !== undefined)?.expiresAfter;
  return {
    ...groupRule(first),
    deadlineMs: msOf(expires ?? APPROVAL.expiresAfter),
    ...(others.length === 0 ? {} : { further: others.map(groupRule) }),
    ...(order === undefined ? {} : { order }),
    ...(goodFor === undefined ? {} : { goodForMs: msOf(goodFor) }),
    ...(remindEvery === undefined ? {} : { remindEveryMs: msOf(remindEvery) }),
    ...(widen === undefined ? {} : { widen: { afterMs: msOf(widen.after), to: widen.to } }),
    ...(atDeadline === undefined ? {} : { atDeadline }),
    ...(voidOn === undefined ? {} : { voidOn }),
  };
}

function groupRule(written: WrittenApproval): GroupRule {
  const not: readonly string[] = written.not ?? APPROVAL.not;
  return {
    required: written.required ?? APPROVAL.required,
    from: written.from,
    notRequester: not.includes('requester'),
    ...(not.includes('author') ? { notAuthor: true } : {}),
  };
}
