import { type ApprovalRule, groupsOfRule } from './rulebook.ts';

/** "2 of release-managers and 1 of security": whom an environment asks. */
export function groupsInWords(rule: ApprovalRule): string {
  const groups = groupsOfRule(rule).map(
    ({ required, from }) => `${required} of ${from.length > 0 ? from.join(', ') : 'people who may approve'}`,
  );
  return groups.join({ 'any-order': ' and ', 'in-order': ', then ', 'any-one': ' or ' }[rule.order ?? 'any-order']);
}
