/** What the attributes forbid: `writeEnabled: false` stops changing and deleting, `deleteEnabled: false` deleting. */
import { disallowed } from './http/refusal.ts';
import { tagsOf, type Attributes, type ManifestRecord, type RepositoryRecord } from './store/repository-record.ts';

interface Lockable {
  readonly attributes: Attributes;
}

/** A push or an import of new content, or of a tag. */
export function requireWritable(...levels: readonly (Lockable | undefined)[]): void {
  if (levels.some((level) => level?.attributes.writeEnabled === false)) throw disallowed();
}

export function requireReadable(...levels: readonly (Lockable | undefined)[]): void {
  if (levels.some((level) => level?.attributes.readEnabled === false)) throw disallowed();
}

export function isRemovable({ attributes }: Lockable): boolean {
  return attributes.deleteEnabled && attributes.writeEnabled;
}

/** Deleting a manifest takes its tags along, so a locked tag protects it. */
export function isManifestRemovable(record: RepositoryRecord, manifest: ManifestRecord): boolean {
  return isRemovable(record) && isRemovable(manifest) && tagsOf(record, manifest.digest).every(isRemovable);
}

export function requireRemovable(removable: boolean): void {
  if (!removable) throw disallowed();
}
