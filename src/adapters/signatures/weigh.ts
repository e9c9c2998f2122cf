/** Whether the signatures that were found are those that a rule wants, whatever they are made of. */
import type { SignatureRule } from '../../domain/proof.ts';
import type { SignedBy } from '../../ports/signatures.ts';

export interface Weighed {
  /** Of each wanted signer that has signed, the first. */
  readonly signed: readonly SignedBy[];
  /** Empty: it suffices. */
  readonly missing: readonly string[];
}

export function weigh({ need, of }: SignatureRule, passed: readonly SignedBy[]): Weighed {
  const signed = of.flatMap((name) => passed.find(({ signer }) => signer === name) ?? []);
  const lacking = of.filter((name) => !signed.some(({ signer }) => signer === name));
  const suffices = need === 'all' ? lacking.length === 0 : signed.length > 0;
  // nobody wanted is nobody who could have signed
  const missing = suffices && of.length > 0 ? [] : of.length > 0 ? lacking : ['a signer'];
  return { signed, missing };
}
