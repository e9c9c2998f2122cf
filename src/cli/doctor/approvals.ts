/** What a configuration may say about approvals, and few people mean. */
import type { Config } from '../../config/config.ts';
import { groupsOfRule } from '../../domain/rulebook.ts';
import { doubtful, type Finding } from './finding.ts';

/** `not` takes the place of its default, so "author" alone lets whoever started a release approve it. */
export function examineApprovals({ rulebook }: Config): readonly Finding[] {
  return Object.entries(rulebook.environments).flatMap(([environment, { approval }]) =>
    approval !== undefined && groupsOfRule(approval).some((one) => one.notAuthor === true && !one.notRequester)
      ? [
          doubtful(
            `approvals of ${environment}`,
            '"not: [author]" lets whoever started a release approve it',
            'write "not: [requester, author]", unless that is what you want',
          ),
        ]
      : [],
  );
}
