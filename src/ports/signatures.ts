/** Who signed an image, and what they stated about it. "Unsigned", "signed by somebody else" and "could not find out" (PortError) are three answers. */
import type { Image } from '../domain/image-reference.ts';
import type { SignatureRule } from '../domain/proof.ts';
import type { RefusedSignature, SignatureArtefact, SignedBy } from '../domain/signature.ts';
import type { RegistryReader } from './registry-reader.ts';

export type { RefusedSignature, SignatureArtefact, SignatureFault, SignedBy } from '../domain/signature.ts';

export type SignatureVerdict =
  | {
      readonly kind: 'verified';
      /** At least one; of each signer that the rule wants and that has signed, the first signature that passed. */
      readonly signed: readonly SignedBy[];
      readonly found: readonly SignatureArtefact[];
    }
  | { readonly kind: 'unsigned'; readonly looked: readonly string[] }
  | {
      readonly kind: 'untrusted';
      readonly found: readonly RefusedSignature[];
      /** Those of the rule who have signed, where that does not suffice. */
      readonly signed: readonly SignedBy[];
      /** Signers whose signature is wanted and is not there. */
      readonly missing: readonly string[];
    };

/** What somebody whose signatures count has stated about an image (in-toto Statement). */
export interface Attestation {
  readonly artefact: SignatureArtefact;
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
  /** Which key or identity made it. */
  readonly by: string;
  /** Names of the signers that this key or identity belongs to, at least one. */
  readonly signers: readonly string[];
  /** Signers of whom it could not be found out whether it is theirs as well. */
  readonly unsure?: readonly { readonly signer: string; readonly error: unknown }[];
}

/** A statement that does not count, for whoever has to say why none does. Nothing that it says is trusted. */
export interface Unheard {
  readonly artefact: SignatureArtefact;
  readonly reason: 'untrusted' | 'other-image' | 'other-type' | 'unreadable';
  readonly why: string;
  /** As it says itself. */
  readonly predicateType?: string;
}

export interface Signatures {
  /** A yes of now may be a no later: somebody can be revoked, or counts for a time only. Undefined: it stays a yes. */
  readonly lapses?: boolean;
  /** Whether those have signed whom the rule wants. Signers that nobody knows have never signed. */
  verify(registry: RegistryReader, image: Image, wanted: SignatureRule): Promise<SignatureVerdict>;
  /** All statements of these predicate types by known signers. Throws PortError also for what is too large to be read: it might say something. */
  attestations(registry: RegistryReader, image: Image, types: readonly string[]): Promise<readonly Attestation[]>;
  /** What else is stated there. Throws PortError when the registry would not say. */
  unheard(registry: RegistryReader, image: Image, types: readonly string[]): Promise<readonly Unheard[]>;
}
