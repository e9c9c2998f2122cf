/** What was there before Sluice, as lists and registries tell it; undefined always means that it could not be found out. */
export type LegacyKind = 'storage account' | 'pipeline' | 'image';

export interface LegacyItem {
  readonly kind: LegacyKind;
  /** Unique within its kind: account, pipeline with its id, registry/repository@digest. */
  readonly name: string;
  /** ISO 8601. */
  readonly lastUse: string | undefined;
  readonly locked: boolean | undefined;
  /** Whether the first of its steps has been taken: nobody can use it, and it is still there. */
  readonly disabled: boolean | undefined;
  /** Undefined for what has no size, and for what nobody could tell. */
  readonly bytes: number | undefined;
  /** Any text in which one of these stands refers to it. */
  readonly words: readonly string[];
  readonly steps: Steps;
  /** For images only. */
  readonly content?: ImageContent;
}

/** How it goes, in two steps, each with the way back. */
export interface Steps {
  readonly disable: string;
  readonly restore: string;
  readonly remove: string;
  /** After its removal, with how long and under what condition that works. */
  readonly undelete: string;
}

/** What the registry says about an image. */
export interface ImageContent {
  readonly registry: string;
  /** Manifests that it consists of: an index with its platforms. */
  readonly parts: readonly string[];
  /** Manifest that it says something about: a signature, an attestation. */
  readonly subject: string | undefined;
  /** Everything stored for it, by digest; a layer that two images share is stored once. */
  readonly blobs: ReadonlyMap<string, number>;
}
