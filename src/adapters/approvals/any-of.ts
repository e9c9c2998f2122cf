/** Several kinds of proof for one environment: an identity token in the header goes to its issuer, any other key to the pinned ones. */
import type { ApprovalVerifier } from '../../ports/approvals.ts';
import { readHeader } from '../../statements/header.ts';

export interface KindsOfProof {
  /** Takes everything that carries no identity token, so it also says what is wrong with an answer that proves nothing. */
  readonly keys: ApprovalVerifier;
  readonly identity: ApprovalVerifier;
}

export function createAnyOfApprovals({ keys, identity }: KindsOfProof): ApprovalVerifier {
  return {
    verify(statement, rule, expected, seenFirst) {
      const read = statement.statement === undefined ? undefined : readHeader(statement.statement);
      const vouched = read?.ok === true && read.header.idToken !== undefined;
      return (vouched ? identity : keys).verify(statement, rule, expected, seenFirst);
    },
  };
}
