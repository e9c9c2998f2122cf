/** One signature as it was found, reduced to what must be checked; nothing in it is trusted yet. */
import type { Bundle } from '@sigstore/bundle';
import type { SignatureFault } from '../../../ports/signatures.ts';

export interface Claim {
  /** The bytes that were signed; they have been found to name the image. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** What `@sigstore/verify` needs, with the artefact if it is not inside. */
  readonly bundle: Bundle;
  readonly artefact?: Uint8Array;
  /** Whether a certificate says who signed. */
  readonly certified: boolean;
}

/** `no-signature` is content of another kind (an attestation): neither for nor against the image. */
export type Reading =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'bad'; readonly why: string; readonly because?: SignatureFault }
  | { readonly kind: 'no-signature' };

export function bad(why: string, because?: SignatureFault): Reading {
  return { kind: 'bad', why, ...(because === undefined ? {} : { because }) };
}

/** Undefined for anything but the one base64 spelling of some bytes: a changed character must never mean the same. */
export function strictBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
