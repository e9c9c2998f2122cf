/** Every change of a repository: its rules, and the effects it leaves. Nothing else writes to the store. */
import { randomUUID } from 'node:crypto';
import type { Effect, EffectKind } from './effects.ts';
import { disallowed, manifestUnknown, nameUnknown, Refusal, tagUnknown } from './http/refusal.ts';
import { isManifestRemovable, isRemovable, requireRemovable, requireWritable } from './locks.ts';
import { digestOf } from './store/digests.ts';
import type { ParsedManifest } from './store/manifest.ts';
import type { RegistryStore } from './store/registry-store.ts';
import {
  tagsOf,
  UNLOCKED,
  type Attributes,
  type ManifestRecord,
  type RepositoryRecord,
} from './store/repository-record.ts';

export interface Actor {
  readonly identity: string;
}

/** An effect with the fields every effect has. */
export function effect(registry: RegistryStore, actor: Actor, kind: EffectKind, facts: Partial<Effect>): Effect {
  const time = new Date().toISOString();
  return { id: randomUUID(), time, identity: actor.identity, registry: registry.name, effect: kind, ...facts };
}

/** Makes an uploaded or mounted blob known in a repository. Not an effect: nobody can see it without a manifest. */
export function linkBlob(registry: RegistryStore, repository: string, digest: string): void {
  if (registry.repository(repository)?.blobs[digest] === true) return;
  registry.change(repository, (record) => {
    record.blobs[digest] = true;
    return [];
  });
}

/** Stores a manifest under its digest and, if given, a tag. Refuses what is locked or incomplete. */
export function putManifest(
  registry: RegistryStore,
  actor: Actor,
  put: { repository: string; tag?: string; digest: string; bytes: Uint8Array; manifest: ParsedManifest },
): void {
  const { repository, tag, digest, bytes, manifest } = put;
  const known = registry.repository(repository);
  requireWritable(known, known?.manifests[digest], tag === undefined ? undefined : known?.tags[tag]);
  requireComplete(known, manifest);
  registry.blobs.write(bytes, digest);
  registry.change(repository, (record, now) => {
    const effects: Effect[] = [];
    if (record.manifests[digest] === undefined) {
      record.manifests[digest] = describe(registry, manifest, { digest, size: bytes.length, now });
      effects.push(effect(registry, actor, 'manifest-put', { repository, digest }));
    }
    if (tag !== undefined) effects.push(...setTag(registry, record, actor, { tag, digest, now }));
    return effects;
  });
}

function requireComplete(record: RepositoryRecord | undefined, manifest: ParsedManifest): void {
  const missing = [
    ...manifest.blobs.filter((blob) => record?.blobs[blob.digest] !== true),
    ...manifest.children.filter((child) => record?.manifests[child.digest] === undefined),
  ];
  if (missing.length === 0) return;
  throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', {
    detail: missing.map(({ digest }) => ({ digest })),
  });
}

/** The record of a manifest; reads platform facts from an image's config. */
export function describe(
  registry: RegistryStore,
  manifest: ParsedManifest,
  facts: { digest: string; size: number; now: string },
): ManifestRecord {
  const platform = readPlatform(registry, manifest);
  return {
    digest: facts.digest,
    mediaType: manifest.mediaType,
    size: facts.size,
    imageSize: facts.size + manifest.blobs.reduce((sum, blob) => sum + blob.size, 0),
    createdTime: facts.now,
    lastUpdateTime: facts.now,
    attributes: UNLOCKED,
    blobs: manifest.blobs.map((blob) => blob.digest),
    ...(manifest.children.length === 0 ? {} : { references: manifest.children }),
    ...(manifest.subject === undefined ? {} : { subject: manifest.subject.digest }),
    ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
    ...(manifest.config === undefined ? {} : { configMediaType: manifest.config.mediaType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
    ...platform,
  };
}

const CONFIG_LIMIT = 1024 * 1024;

function readPlatform(registry: RegistryStore, manifest: ParsedManifest): { architecture?: string; os?: string } {
  const config = manifest.config;
  if (config === undefined || !/image(?:\.config)?\.v1\+json$/.test(config.mediaType)) return {};
  if ((registry.blobs.size(config.digest) ?? Infinity) > CONFIG_LIMIT) return {};
  try {
    const value = JSON.parse(registry.blobs.read(config.digest).toString('utf8')) as Record<string, unknown>;
    const { architecture, os } = value;
    return {
      ...(typeof architecture === 'string' ? { architecture } : {}),
      ...(typeof os === 'string' ? { os } : {}),
    };
  } catch {
    // A config that is no JSON is the image's problem; its platform just stays unknown.
    return {};
  }
}

/** Points the tag at the digest; no effect when it already does. Lock rules are the caller's: import differs from push. */
export function setTag(
  registry: RegistryStore,
  record: RepositoryRecord,
  actor: Actor,
  put: { tag: string; digest: string; now: string; operation?: string },
): Effect[] {
  const { tag, digest, now, operation } = put;
  const existing = record.tags[tag];
  if (existing?.digest === digest) return [];
  record.tags[tag] = {
    name: tag,
    digest,
    createdTime: existing?.createdTime ?? now,
    lastUpdateTime: now,
    attributes: existing?.attributes ?? UNLOCKED,
    ...(operation === undefined ? {} : { operation }),
  };
  const facts = { repository: record.name, tag, digest, ...(operation === undefined ? {} : { operation }) };
  return [effect(registry, actor, 'tag-put', facts)];
}

export type Subject = { readonly digest: string } | { readonly tag: string } | 'repository';

/** Sets some of the four flags of a repository, manifest or tag. */
export function setAttributes(
  registry: RegistryStore,
  actor: Actor,
  change: { repository: string; subject: Subject; attributes: Partial<Attributes> },
): void {
  const { repository, subject, attributes } = change;
  findLevel(registry.repository(repository), repository, subject);
  registry.change(repository, (record, now) => {
    const level = findLevel(record, repository, subject);
    level.attributes = { ...level.attributes, ...attributes };
    level.lastUpdateTime = now;
    const named = subject === 'repository' ? {} : subject;
    return [effect(registry, actor, 'attributes-changed', { repository, ...named, attributes: { ...attributes } })];
  });
}

function findLevel(
  record: RepositoryRecord | undefined,
  repository: string,
  subject: Subject,
): { attributes: Attributes; lastUpdateTime: string } {
  if (record === undefined) throw nameUnknown(repository);
  if (subject === 'repository') return record;
  if ('tag' in subject) {
    const tag = record.tags[subject.tag];
    if (tag === undefined) throw tagUnknown(subject.tag);
    return tag;
  }
  const manifest = record.manifests[subject.digest];
  if (manifest === undefined) throw manifestUnknown(subject.digest);
  return manifest;
}

/** Removes a tag; the manifest stays. */
export function deleteTag(registry: RegistryStore, actor: Actor, repository: string, tag: string): void {
  const record = registry.repository(repository);
  const existing = record?.tags[tag];
  if (record === undefined) throw nameUnknown(repository);
  if (existing === undefined) throw tagUnknown(tag);
  requireRemovable(isRemovable(record) && isRemovable(existing));
  registry.change(repository, (changing) => {
    delete changing.tags[tag];
    return [effect(registry, actor, 'tag-deleted', { repository, tag, digest: existing.digest })];
  });
}

/** Removes a manifest, its tags, and the manifests that refer to it, as far as those are not locked. */
export function deleteManifest(registry: RegistryStore, actor: Actor, repository: string, digest: string): void {
  const record = registry.repository(repository);
  const manifest = record?.manifests[digest];
  if (record === undefined || manifest === undefined) throw manifestUnknown(digest);
  requireRemovable(isManifestRemovable(record, manifest));
  registry.change(repository, (changing) => {
    const effects: Effect[] = [];
    for (const doomed of withReferrers(changing, digest)) {
      for (const tag of tagsOf(changing, doomed)) {
        delete changing.tags[tag.name];
        effects.push(effect(registry, actor, 'tag-deleted', { repository, tag: tag.name, digest: doomed }));
      }
      delete changing.manifests[doomed];
      effects.push(effect(registry, actor, 'manifest-deleted', { repository, digest: doomed }));
    }
    return effects;
  });
}

function withReferrers(record: RepositoryRecord, digest: string): string[] {
  const doomed = [digest];
  for (const current of doomed) {
    for (const manifest of Object.values(record.manifests)) {
      if (manifest.subject !== current || doomed.includes(manifest.digest)) continue;
      if (isManifestRemovable(record, manifest)) doomed.push(manifest.digest);
    }
  }
  return doomed;
}

/** Empties a repository; one locked thing in it protects all. */
export function deleteRepository(
  registry: RegistryStore,
  actor: Actor,
  repository: string,
): { manifests: string[]; tags: string[] } {
  const record = registry.repository(repository);
  if (record === undefined) throw nameUnknown(repository);
  const everything = [record, ...Object.values(record.manifests), ...Object.values(record.tags)];
  requireRemovable(everything.every(isRemovable));
  const removed = { manifests: Object.keys(record.manifests), tags: Object.keys(record.tags) };
  registry.change(repository, (changing) => {
    changing.manifests = {};
    changing.tags = {};
    changing.blobs = {};
    return [effect(registry, actor, 'repository-deleted', { repository })];
  });
  return removed;
}

/** Forgets a blob in one repository. A blob that a manifest needs stays: ACR deletes by manifest. */
export function unlinkBlob(registry: RegistryStore, actor: Actor, repository: string, digest: string): void {
  const record = registry.repository(repository);
  if (record?.blobs[digest] !== true) {
    throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digest } });
  }
  if (Object.values(record.manifests).some((manifest) => manifest.blobs.includes(digest))) throw disallowed();
  registry.change(repository, (changing) => {
    delete changing.blobs[digest];
    return [effect(registry, actor, 'blob-deleted', { repository, digest })];
  });
}

/** Refuses content whose hash is not the digest it was sent under. */
export function requireContentOf(bytes: Uint8Array, digest: string): void {
  const actual = digestOf(bytes, digest);
  if (actual === digest) return;
  throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
    detail: { digest, actual },
  });
}
