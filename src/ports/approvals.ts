/** The seam for provable identity: is this answer really from who it says, and may they answer? */
import type { ApprovalStatement } from '../domain/approval.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import type { Refusal } from '../domain/error-code.ts';

export type ApproverVerdict =
  | { readonly kind: 'accepted'; readonly subject: string; readonly groups: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface ApprovalVerifier {
  verify(statement: ApprovalStatement, rule: ApprovalRule): Promise<ApproverVerdict>;
}
