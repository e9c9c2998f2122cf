/** Reading one environment's registry. Everything returned by digest has been hashed by the adapter. */
import type { Digest } from '../domain/digest.ts';

export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** The exact bytes; identity is their hash, so nobody re-serialises them. */
  readonly bytes: Uint8Array;
}

export interface Descriptor {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RegistryReader {
  /** Host and port as image references name it. */
  readonly host: string;
  /** Undefined: the registry answered that it has none. Throws PortError when it could not find out. */
  manifest(repository: string, reference: Digest | { readonly tag: string }): Promise<StoredManifest | undefined>;
  /** At most `limit` bytes, hashed. Throws `blob-unknown`, `digest-mismatch`. */
  blob(repository: string, digest: Digest, limit: number): Promise<Uint8Array>;
  /** Whether the registry would serve the blob to this identity (HEAD). */
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /**
   * Manifests whose `subject` is `digest`: referrers API, paged; tag schema where the API is missing. Order is the registry's. With `atMost`
   * it is all of them or an error: `referrers-too-many`, or `digest-unsupported` for one that cannot be named here, which is left out otherwise.
   */
  referrers(repository: string, digest: Digest, atMost?: number): Promise<readonly Descriptor[]>;
  /**
   * The same registry, which is not asked again for bytes that it gave before under their digest: for whoever wants to know what they say, never
   * whether they are (still) there. Undefined: nothing is remembered.
   */
  readonly remembered?: RegistryReader;
}
