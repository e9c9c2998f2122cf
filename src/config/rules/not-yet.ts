/** What the grammar of the design has and this release does not do: refused, never ignored. */
import { type Draft, type Finding, environmentsOf } from './rule.ts';

export function oneApprovalRule(draft: Draft): readonly Finding[] {
  return environmentsOf(draft)
    .filter(([, environment]) => (environment.approvals?.length ?? 0) > 1)
    .map(([name]) => ({
      path: ['environments', name, 'approvals', 1],
      message: 'more than one approval rule for an environment is not available yet',
      remedy: 'keep one rule; raise its "required" or list more groups in "from"',
    }));
}

export function approversAreNotAvailable(draft: Draft): readonly Finding[] {
  if (draft.trust?.approvers === undefined) return [];
  return [
    {
      path: ['trust', 'approvers'],
      onKey: true,
      message: 'keys of approvers are not available yet: in this release nobody proves who answers',
      remedy: 'remove it; "from" of an approval rule names the groups that are asked',
    },
  ];
}
