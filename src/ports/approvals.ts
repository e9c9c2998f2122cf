/** The seam for provable identity: is this answer really from who it says, about this plan, and may they answer? */
import type { ApprovalStatement, ProvenFacts } from '../domain/approval.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import type { ExpectedAnswer } from '../domain/statement.ts';

/** `groups` and all that follows is proven where `proof` says by what; without `proof` the name is only a name. */
export type ApproverVerdict =
  | ({ readonly kind: 'accepted'; readonly subject: string; readonly groups: readonly string[] } & ProvenFacts)
  /** `jti`: of a statement whose signature was good. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly jti?: string };

/** When the zone saw this very statement first, by its own clock; undefined: never before. */
export type SeenFirst = () => Promise<Date | undefined>;

export interface ApprovalVerifier {
  /**
   * A "no" is an answer; a throw means that nobody could find out. `expected` comes from the zone, never from the message. `seenFirst` is asked
   * where a proof ends by itself: it must have been good then. Undefined: the zone sees it now.
   */
  verify(
    statement: ApprovalStatement,
    rule: ApprovalRule,
    expected: ExpectedAnswer,
    seenFirst?: SeenFirst,
  ): Promise<ApproverVerdict>;
}
