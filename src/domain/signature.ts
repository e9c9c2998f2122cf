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

/** What is wrong with a signature, where that has a word of its own. */
export type SignatureFault = NotCounting | 'certificate-expired' | 'log-entry-foreign' | 'other-image' | 'too-large';

export interface RefusedSignature {
  readonly artefact: SignatureArtefact;
  readonly why: string;
  /** Undefined: it is by nobody who is wanted. */
  readonly because?: SignatureFault;
}

/** What is revoked is never told as what has merely ended, and neither as anything else. */
const GRAVEST_FIRST: readonly SignatureFault[] = [
  ...(['revoked', 'not-valid', 'certificate-expired', 'log-entry-foreign'] as const),
  ...(['other-image', 'too-large'] as const),
];

/** Of several who have looked at one signature. */
export function gravestFault(faults: readonly SignatureFault[]): SignatureFault | undefined {
  return GRAVEST_FIRST.find((one) => faults.includes(one));
}

/** Of several signatures: that one does not count any more is always told, whatever else only where it is wrong with all of them. */
export function commonFault(faults: readonly (SignatureFault | undefined)[]): SignatureFault | undefined {
  const counted = (['revoked', 'not-valid'] as const).find((one) => faults.includes(one));
  const [first, ...others] = new Set(faults);
  return counted ?? (others.length === 0 ? first : undefined);
}
