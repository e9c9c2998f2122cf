/** Somebody whose signatures are trusted: a pinned key or a pinned identity. Says yes with a name, or no with the reason. */
import { type Revocation, revocationInWords, revocationOf, type Revoked } from '../../../domain/revocation.ts';
import { gravestFault } from '../../../domain/signature.ts';
import type { SignatureFault } from '../../../ports/signatures.ts';
import type { Claim } from './claim.ts';

export type Judgement =
  | {
      readonly trusted: true;
      readonly by: string;
      /** By what it could be revoked. */
      readonly marks: readonly Revoked[];
    }
  | { readonly trusted: false; readonly why: string; readonly because?: SignatureFault };

/** Throws PortError when it cannot be found out whose key it is. */
export type Judge = (claim: Claim, at: Date) => Promise<Judgement>;

/** Whom each of the signers' names stands for. */
export type Judges = Readonly<Record<string, readonly Judge[]>>;

/** When is judged, and what counts no more by then. */
export interface Moment {
  readonly at: Date;
  readonly revocations: readonly Revocation[];
  /** The image and the artefact that is looked at. */
  readonly about: readonly Revoked[];
}

export interface Hearing {
  /** Every signer to whom it belongs: one key may be known under several names. */
  readonly yes: readonly { readonly signer: string; readonly by: string }[];
  /** Why the others do not know it. */
  readonly why: string;
  readonly because?: SignatureFault;
  /** Signers of whom it could not be found out. */
  readonly unknown: readonly { readonly signer: string; readonly error: unknown }[];
}

type Heard = Judgement | { readonly unknown: unknown };

/** One key or identity of a signer suffices. */
export async function hear(judges: Judges, claim: Claim, moment: Moment): Promise<Hearing> {
  const yes: { readonly signer: string; readonly by: string }[] = [];
  const unknown: { readonly signer: string; readonly error: unknown }[] = [];
  const whys = new Set<string>();
  const reasons: SignatureFault[] = [];
  for (const [signer, members] of Object.entries(judges)) {
    const heard = await judgedBy(members, claim, moment);
    if ('unknown' in heard) unknown.push({ signer, error: heard.unknown });
    else if (heard.trusted) yes.push({ signer, by: heard.by });
    else {
      whys.add(heard.why);
      if (heard.because !== undefined) reasons.push(heard.because);
    }
  }
  const because = gravestFault(reasons);
  const why = [...whys].join(', ') || 'no key and no identity is trusted';
  return { yes, why, unknown, ...(because === undefined ? {} : { because }) };
}

async function judgedBy(members: readonly Judge[], claim: Claim, moment: Moment): Promise<Heard> {
  const whys: string[] = [];
  const reasons: SignatureFault[] = [];
  let failure: { readonly unknown: unknown } | undefined;
  for (const one of members) {
    const heard = await ask(one, claim, moment);
    if ('unknown' in heard) failure ??= heard;
    else if (heard.trusted) return heard;
    else {
      whys.push(heard.why);
      if (heard.because !== undefined) reasons.push(heard.because);
    }
  }
  if (failure !== undefined) return failure;
  const because = gravestFault(reasons);
  return { trusted: false, why: whys.join(', '), ...(because === undefined ? {} : { because }) };
}

async function ask(judge: Judge, claim: Claim, { at, revocations, about }: Moment): Promise<Heard> {
  let judgement: Judgement;
  try {
    judgement = await judge(claim, at);
  } catch (error) {
    return { unknown: error };
  }
  if (!judgement.trusted) return judgement;
  const revoked = revocationOf(revocations, [...judgement.marks, ...about], at);
  if (revoked === undefined) return judgement;
  return {
    trusted: false,
    why: `signed by ${judgement.by}, and that is ${revocationInWords(revoked)}`,
    because: 'revoked',
  };
}
