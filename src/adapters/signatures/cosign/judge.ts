/** Somebody whose signatures are trusted: a pinned key or a pinned identity. Says yes with a name, or no with the reason. */
import type { Claim } from './claim.ts';

export type Judgement =
  { readonly trusted: true; readonly by: string } | { readonly trusted: false; readonly why: string };

export type Judge = (claim: Claim) => Judgement;

/** Whom each of the signers' names stands for. */
export type Judges = Readonly<Record<string, readonly Judge[]>>;

export interface Hearing {
  /** Every signer to whom it belongs: one key may be known under several names. */
  readonly yes: readonly { readonly signer: string; readonly by: string }[];
  /** Why the others do not know it. */
  readonly why: string;
}

/** One key or identity of a signer suffices. */
export function hear(judges: Judges, claim: Claim): Hearing {
  const yes: { readonly signer: string; readonly by: string }[] = [];
  const whys = new Set<string>();
  for (const [signer, members] of Object.entries(judges)) {
    const judgement = judgedBy(members, claim);
    if (judgement.trusted) yes.push({ signer, by: judgement.by });
    else whys.add(judgement.why);
  }
  return { yes, why: [...whys].join(', ') };
}

function judgedBy(members: readonly Judge[], claim: Claim): Judgement {
  const whys: string[] = [];
  for (const one of members) {
    const judgement = one(claim);
    if (judgement.trusted) return judgement;
    whys.push(judgement.why);
  }
  return { trusted: false, why: whys.join(', ') || 'no key and no identity is trusted' };
}
