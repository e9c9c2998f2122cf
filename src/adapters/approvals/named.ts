/**
 * Takes the approver's word for who they are. **Nothing is proven here**: whoever can send a message to the workflow can write any
 * name. So no group is granted, and `from` of a rule is shown to people but not enforced, until an adapter that checks a signed
 * statement takes this one's place. What names alone can enforce (other plan, twice, requester) is `src/domain/approval.ts`.
 */
import type { ApprovalVerifier } from '../../ports/approvals.ts';

export function createNamedApprovals(): ApprovalVerifier {
  return {
    async verify(statement) {
      const subject = statement.approver.trim();
      if (subject !== '') return { kind: 'accepted', subject, groups: [] };
      return {
        kind: 'refused',
        refusal: {
          code: 'approval-malformed',
          message: 'the approval names nobody',
          expected: 'a name',
          got: 'an empty text',
          remedy: 'answer again, with your name',
        },
      };
    },
  };
}
