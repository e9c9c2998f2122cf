/** What is stored about one repository: one JSON file, replaced as a whole. */
import type { Effect } from '../effects.ts';

/** The four flags of ACR, at each of the levels repository, manifest and tag. */
export interface Attributes {
  readonly deleteEnabled: boolean;
  readonly writeEnabled: boolean;
  readonly listEnabled: boolean;
  readonly readEnabled: boolean;
}

export const UNLOCKED: Attributes = { deleteEnabled: true, writeEnabled: true, listEnabled: true, readEnabled: true };

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture?: string; readonly os?: string };
}

interface Timed {
  createdTime: string;
  lastUpdateTime: string;
  attributes: Attributes;
}

export interface ManifestRecord extends Timed {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  /** Manifest plus config and layers, bytes. */
  readonly imageSize: number;
  readonly subject?: string;
  readonly artifactType?: string;
  readonly configMediaType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly architecture?: string;
  readonly os?: string;
  /** Children of an index. */
  readonly references?: readonly Descriptor[];
  /** Blobs it needs: config and layers. */
  readonly blobs: readonly string[];
}

export interface TagRecord extends Timed {
  readonly name: string;
  digest: string;
  /** The import that set it: after a crash the same operation does not conflict with itself. */
  operation?: string;
}

export interface RepositoryRecord {
  readonly name: string;
  createdTime: string;
  lastUpdateTime: string;
  attributes: Attributes;
  manifests: Record<string, ManifestRecord>;
  tags: Record<string, TagRecord>;
  /** Blobs uploaded, mounted or imported here; a blob of another repository is unknown here. */
  blobs: Record<string, true>;
  /** Effects of the last change: written with it, so that a crash before the log's turn loses none. */
  lastEffects: readonly Effect[];
}

export function newRepository(name: string, now: string): RepositoryRecord {
  return {
    name,
    createdTime: now,
    lastUpdateTime: now,
    attributes: UNLOCKED,
    manifests: {},
    tags: {},
    blobs: {},
    lastEffects: [],
  };
}

/** The image list that ACR shows starts with the first manifest; blobs alone make no repository. */
export function isListed(record: RepositoryRecord): boolean {
  return Object.keys(record.manifests).length > 0;
}

export function tagsOf(record: RepositoryRecord, digest: string): TagRecord[] {
  return Object.values(record.tags).filter((tag) => tag.digest === digest);
}
