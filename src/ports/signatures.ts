/** Who signed an image. "Unsigned", "signed by somebody else" and "could not find out" (PortError) are three answers. */
import type { Digest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import type { RegistryReader } from './registry-reader.ts';

/** One manifest in a registry that carries signatures of an image; it is copied by digest, with its tag if it has one. */
export interface SignatureArtefact {
  readonly digest: Digest;
  readonly tag?: string;
  readonly form: 'bundle' | 'legacy';
}

export type SignatureVerdict =
  | {
      readonly kind: 'verified';
      readonly by: string;
      readonly artefact: SignatureArtefact;
      readonly found: readonly SignatureArtefact[];
    }
  | { readonly kind: 'unsigned'; readonly looked: readonly string[] }
  | {
      readonly kind: 'untrusted';
      readonly found: readonly { readonly artefact: SignatureArtefact; readonly why: string }[];
    };

/** What somebody whose signatures count has stated about an image (in-toto Statement). */
export interface Attestation {
  readonly artefact: SignatureArtefact;
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
  readonly by: string;
}

export interface Signatures {
  /** One passing signature of a pinned key or identity suffices. */
  verify(registry: RegistryReader, image: Image): Promise<SignatureVerdict>;
  /**
   * All statements of these predicate types by pinned keys and identities; nobody else is heard. Throws PortError when the registry would
   * not say, or holds one that is too large to be read: what was not read might have said something.
   */
  attestations(
    registry: RegistryReader,
    image: Image,
    predicateTypes: readonly string[],
  ): Promise<readonly Attestation[]>;
}
