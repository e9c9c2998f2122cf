/** Pushing a small artefact beside an image. Only pipelines hold this right, and only for the first environment. */
import type { Digest } from '../domain/digest.ts';

export interface Artefact {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly manifestDigest: Digest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

export interface ArtefactPublisher {
  /** Uploads what is missing, then the manifest by digest. Twice is once. */
  publish(repository: string, artefact: Artefact): Promise<void>;
}
