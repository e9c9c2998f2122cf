/** What an import does when its time has come: copies a manifest, an index's children and their blobs. Never referrers. */
import { describe, effect, setTag, type Actor } from './changes.ts';
import type { Effect } from './effects.ts';
import { isDigest } from './store/digests.ts';
import { parseManifest } from './store/manifest.ts';
import type { RegistryStore } from './store/registry-store.ts';
import type { ManifestRecord, RepositoryRecord } from './store/repository-record.ts';

export interface ImportOrder {
  readonly sourceRegistry: string;
  readonly sourceRepository: string;
  /** Digest or tag. */
  readonly sourceReference: string;
  readonly targetTags: readonly { readonly repository: string; readonly tag: string }[];
  readonly untaggedRepositories: readonly string[];
  readonly force: boolean;
  /** Status with which a conflict on a tag shows on the poll. */
  readonly conflictStatus: number;
}

/** The end of an import as the poll tells it. */
export class ImportFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ImportFailure';
    this.status = status;
    this.code = code;
  }
}

/** ACR's limit on what one import may copy, attestations included. */
const MANIFESTS_LIMIT = 50;

interface RunningImport extends Actor {
  readonly id: string;
  readonly registry: string;
  readonly order: ImportOrder;
}

/** Copies all or nothing per repository. Done twice by the same operation (a crash in between), it changes nothing. */
export function copyImage(source: RegistryStore, target: RegistryStore, operation: RunningImport): void {
  const { order } = operation;
  const from = source.repository(order.sourceRepository);
  const root = from === undefined ? undefined : resolve(from, order.sourceReference);
  if (from === undefined || root === undefined) {
    throw new ImportFailure(
      400,
      'InvalidParameters',
      failed(operation, `Unable to find manifest digest for ${order.sourceRepository}:${order.sourceReference}`),
    );
  }
  const manifests = withChildren(from, root, operation);
  requireFewEnough(target, manifests, operation);
  if (order.untaggedRepositories.length === 0 && order.targetTags.length === 0) return;
  if (!order.force) requireFreeTags(target, root.digest, operation);
  requireWritableRepositories(target, operation);

  const repositories = new Set([
    ...order.targetTags.map(({ repository }) => repository),
    ...order.untaggedRepositories,
  ]);
  for (const repository of repositories) {
    copyContent(source, target, manifests);
    target.change(repository, (record, now) => {
      const effects = manifests.flatMap((manifest) => addManifest(target, record, operation, manifest, now));
      const tags = order.targetTags.filter((candidate) => candidate.repository === repository);
      for (const { tag } of tags) {
        effects.push(...setTag(target, record, operation, { tag, digest: root.digest, now, operation: operation.id }));
      }
      return effects;
    });
  }
}

function resolve(record: RepositoryRecord, reference: string): ManifestRecord | undefined {
  const tag = record.tags[reference];
  const digest = isDigest(reference) ? reference : tag?.digest;
  const manifest = digest === undefined ? undefined : record.manifests[digest];
  const readable = record.attributes.readEnabled && tag?.attributes.readEnabled !== false;
  return readable && manifest?.attributes.readEnabled === true ? manifest : undefined;
}

function withChildren(record: RepositoryRecord, root: ManifestRecord, operation: RunningImport): ManifestRecord[] {
  const found = new Map([[root.digest, root]]);
  for (const manifest of found.values()) {
    for (const child of manifest.references ?? []) {
      const known = record.manifests[child.digest];
      if (known === undefined) {
        throw new ImportFailure(
          400,
          'InvalidParameters',
          failed(operation, `Unable to find manifest digest ${child.digest}`),
        );
      }
      found.set(known.digest, known);
    }
  }
  // Children first, so that an index never stands without them.
  return [...found.values()].reverse();
}

/** What some target lacks of them counts [inferred]: whoever brings the manifests of a large index first can bring the index. */
function requireFewEnough(target: RegistryStore, manifests: readonly ManifestRecord[], operation: RunningImport): void {
  const { targetTags, untaggedRepositories } = operation.order;
  const names = new Set([...targetTags.map(({ repository }) => repository), ...untaggedRepositories]);
  const lacking = [...names].map((name) => {
    const known = target.repository(name)?.manifests ?? {};
    return manifests.filter(({ digest }) => known[digest] === undefined).length;
  });
  const most = Math.max(0, ...lacking);
  if (most <= MANIFESTS_LIMIT) return;
  throw new ImportFailure(
    400,
    'InvalidParameters',
    failed(operation, `The image has ${most} manifests; at most ${MANIFESTS_LIMIT} can be imported.`),
  );
}

function requireFreeTags(target: RegistryStore, digest: string, operation: RunningImport): void {
  for (const { repository, tag } of operation.order.targetTags) {
    const existing = target.repository(repository)?.tags[tag];
    if (existing === undefined) continue;
    if (existing.operation === operation.id && existing.digest === digest) continue;
    throw new ImportFailure(
      operation.order.conflictStatus,
      'Conflict',
      failed(operation, `Tag ${repository}:${tag} already exists in target registry.`),
    );
  }
}

/** A force import moves a locked tag (seen on Azure); a locked repository takes nothing [inferred]. */
function requireWritableRepositories(target: RegistryStore, operation: RunningImport): void {
  const names = [
    ...operation.order.targetTags.map(({ repository }) => repository),
    ...operation.order.untaggedRepositories,
  ];
  if (names.every((name) => target.repository(name)?.attributes.writeEnabled !== false)) return;
  throw new ImportFailure(
    405,
    'REGISTRY_DISALLOWED_OPERATION',
    failed(operation, 'The operation is disallowed on this registry, repository or image.'),
  );
}

function copyContent(source: RegistryStore, target: RegistryStore, manifests: readonly ManifestRecord[]): void {
  for (const manifest of manifests) {
    for (const digest of [...manifest.blobs, manifest.digest]) target.blobs.copyFrom(source.blobs, digest);
  }
}

function addManifest(
  target: RegistryStore,
  record: RepositoryRecord,
  operation: RunningImport,
  manifest: ManifestRecord,
  now: string,
): Effect[] {
  for (const digest of manifest.blobs) record.blobs[digest] = true;
  if (record.manifests[manifest.digest] !== undefined) return [];
  const parsed = parseManifest(target.blobs.read(manifest.digest), manifest.mediaType);
  record.manifests[manifest.digest] = describe(target, parsed, { digest: manifest.digest, size: manifest.size, now });
  const facts = { repository: record.name, digest: manifest.digest, operation: operation.id };
  return [effect(target, operation, 'manifest-put', facts)];
}

function failed(operation: RunningImport, what: string): string {
  return `Operation registries-${operation.id} failed. Resource ${operation.registry} ${what}`;
}
