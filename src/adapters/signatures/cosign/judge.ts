/** Somebody whose signatures are trusted: a pinned key or a pinned identity. Says yes with a name, or no with the reason. */
import type { Claim } from './claim.ts';

export type Judgement =
  { readonly trusted: true; readonly by: string } | { readonly trusted: false; readonly why: string };

export type Judge = (claim: Claim) => Judgement;
