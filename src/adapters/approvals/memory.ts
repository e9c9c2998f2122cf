/** Knows a fixed list of people and their groups; for tests. Proves nothing: a known name is believed. */
import { samePerson } from '../../domain/approval.ts';
import type { ApprovalVerifier } from '../../ports/approvals.ts';

/** Groups by name; everybody else is refused as `approval-unproven`. */
export function createMemoryApprovals(people: Readonly<Record<string, readonly string[]>>): ApprovalVerifier {
  return {
    async verify({ approver }) {
      const known = Object.entries(people).find(([name]) => samePerson(name, approver));
      if (known !== undefined) return { kind: 'accepted', subject: known[0], groups: known[1] };
      const message = `nobody here knows "${approver.trim()}"`;
      const expected = `one of: ${Object.keys(people).join(', ') || 'nobody'}`;
      return { kind: 'refused', refusal: { code: 'approval-unproven', message, expected, got: approver } };
    },
  };
}
