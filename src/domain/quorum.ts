/** Whether the signatures that were found are those that a rule wants, whatever they are made of. */
import type { SignatureRule } from './proof.ts';

export interface Weighed<Signed> {
  /** Of each wanted signer that has signed, the first. */
  readonly signed: readonly Signed[];
  /** Empty: it suffices. */
  readonly missing: readonly string[];
}

/** Names count, not keys: one key that two signers share signs for both. */
export function weigh<Signed extends { readonly signer: string }>(
  { need, of }: SignatureRule,
  passed: readonly Signed[],
): Weighed<Signed> {
  const signed = of.flatMap((name) => passed.find(({ signer }) => signer === name) ?? []);
  const lacking = of.filter((name) => !signed.some(({ signer }) => signer === name));
  const suffices = need === 'all' ? lacking.length === 0 : signed.length > 0;
  // nobody wanted is nobody who could have signed
  const missing = suffices && of.length > 0 ? [] : of.length > 0 ? lacking : ['a signer'];
  return { signed, missing };
}
