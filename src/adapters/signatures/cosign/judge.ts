/** Somebody whose signatures are trusted: a pinned key or a pinned identity. Says yes with a name, or no with the reason. */
import type { Claim } from './claim.ts';

export type Judgement =
  { readonly trusted: true; readonly by: string } | { readonly trusted: false; readonly why: string };

export type Judge = (claim: Claim) => Judgement;

/** One of them suffices. */
export function judgedBy(judges: readonly Judge[], claim: Claim): Judgement {
  const whys: string[] = [];
  for (const one of judges) {
    const judgement = one(claim);
    if (judgement.trusted) return judgement;
    whys.push(judgement.why);
  }
  return { trusted: false, why: whys.join(', ') || 'no key and no identity is trusted' };
}
