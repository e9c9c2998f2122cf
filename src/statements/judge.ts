/** The last part of every verification: a statement, the key it must open with, and the person behind that key. */
import type { ApprovalStatement } from '../domain/approval.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import { claimsRefusal, endsAtMs, type ExpectedAnswer, type ProvenPerson } from '../domain/statement.ts';
import type { ApproverVerdict } from '../ports/approvals.ts';
import { openStatement } from './open.ts';
import type { PublicKey } from './public-key.ts';

export interface Question {
  readonly statement: ApprovalStatement;
  readonly rule: ApprovalRule;
  readonly expected: ExpectedAnswer;
}

export async function judgeStatement(
  compact: string,
  { statement, rule, expected }: Question,
  key: PublicKey,
  personAt: (signedAt: Date) => Promise<ProvenPerson | Extract<ApproverVerdict, { kind: 'refused' }>>,
): Promise<ApproverVerdict> {
  const opened = await openStatement(compact, key);
  if (!opened.ok) return { kind: 'refused', refusal: opened.refusal };
  const { claims } = opened;
  const signedAt = new Date(claims.iat * 1_000);
  const person = await personAt(signedAt);
  if ('kind' in person) return person;
  const { jti } = claims;
  const refusal = claimsRefusal(claims, statement, rule, expected, person);
  if (refusal !== undefined) return { kind: 'refused', refusal, jti };
  const { subject, aliases, groups, proof } = person;
  const times = { signedAt: signedAt.toISOString(), expiresAt: new Date(endsAtMs(claims)).toISOString() };
  return { kind: 'accepted', subject, groups, proof, aliases, jti, ...times };
}
