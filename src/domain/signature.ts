/** One signature of an image: where it lies, whose it is, and why it does not count. */
import type { Digest } from './digest.ts';

/** One manifest in a registry that carries signatures of an image; it is copied by digest, with its tag if it has one. */
export interface SignatureArtefact {
  readonly digest: Digest;
  readonly tag?: string;
  readonly form: 'bundle' | 'legacy' | 'notation';
}

/** One of the wanted signers has signed. */
export interface SignedBy {
  /** As the rule names them. */
  readonly signer: string;
  /** Which of their keys or identities. */
  readonly by: string;
  readonly artefact: SignatureArtefact;
}

/** Why a signature that was properly made counts no more, or not yet. */
export type NotCounting = 'revoked' | 'not-valid';

export interface RefusedSignature {
  readonly artefact: SignatureArtefact;
  readonly why: string;
  /** Undefined: it is by nobody who is wanted. */
  readonly because?: NotCounting;
}
