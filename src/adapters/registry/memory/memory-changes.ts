/** ImageLocks, RegistryRemover and ArtefactPublisher in memory. */
import { digestOf } from '../../../content/digest-of.ts';
import { type Digest } from '../../../domain/digest.ts';
import type { ArtefactPublisher } from '../../../ports/artefact-publisher.ts';
import type { ImageLocks, LockSubject } from '../../../ports/image-locks.ts';
import type { RegistryRemover } from '../../../ports/registry-remover.ts';
import { type MemoryManifest, type MemoryRepository, type MemoryTag } from './memory-state.ts';
import {
  ensureRepository,
  inWorld,
  locked,
  log,
  type MemoryWorld,
  namedBy,
  repositoryAt,
  storeManifest,
  wrong,
} from './memory-world.ts';

export function memoryLocks(world: MemoryWorld, environment: string): ImageLocks {
  const place = (subject: LockSubject) => ({ environment, repository: subject.repository });
  const find = (subject: LockSubject): MemoryManifest | MemoryTag | undefined => {
    const stored = repositoryAt(world, place(subject));
    return 'tag' in subject ? stored?.tags.get(subject.tag) : stored?.manifests.get(subject.digest);
  };
  return {
    read: (subject) => inWorld(world, 'read-lock', place(subject), () => find(subject)?.lock),
    changedLast: (repository, count) =>
      inWorld(world, 'read-lock', { environment, repository }, () => {
        const all = [...(repositoryAt(world, { environment, repository })?.manifests ?? [])];
        return new Map(all.slice(-count).map(([digest, { lock }]) => [digest, lock] as const));
      }),
    set: (subject, { deletable, writable }) =>
      inWorld(world, 'set-lock', place(subject), () => {
        const found = find(subject);
        const name = 'tag' in subject ? subject.tag : subject.digest;
        if (found === undefined) throw wrong('manifest-unknown', 'a manifest or tag that the registry holds', name);
        if (world.faults.take(['lock-ignored'], { ...place(subject), call: 'set-lock' }) !== undefined) return;
        found.lock = { deletable, writable };
        const tagged = 'tag' in subject ? { tag: subject.tag } : {};
        const digest = 'digest' in found ? found.digest : digestOf(found.bytes);
        log(world, { effect: 'attributes-changed', ...place(subject), digest, ...tagged });
      }),
  };
}

export function memoryRemover(world: MemoryWorld, environment: string): RegistryRemover {
  return {
    untag: (repository, tag, digest) => {
      const place = { environment, repository };
      return inWorld(world, 'untag', place, () => {
        const stored = repositoryAt(world, place);
        const found = stored?.tags.get(tag);
        if (found === undefined) return true;
        if (found.digest !== digest) return false;
        if (!mayDelete(found)) throw locked(place, tag);
        stored?.tags.delete(tag);
        log(world, { effect: 'tag-deleted', ...place, digest, tag });
        return true;
      });
    },
    deleteManifest: (repository, digest) => {
      const place = { environment, repository };
      return inWorld(world, 'delete', place, () => {
        const stored = repositoryAt(world, place);
        const manifest = stored?.manifests.get(digest);
        if (stored === undefined || manifest === undefined) return;
        const tags = [...stored.tags].filter(([, tag]) => tag.digest === digest);
        if (!mayDelete(manifest) || tags.some(([, tag]) => !mayDelete(tag))) throw locked(place, digest);
        for (const [tag] of tags) stored.tags.delete(tag);
        stored.manifests.delete(digest);
        forgetReferrer(stored, digest, manifest);
        log(world, { effect: 'manifest-deleted', ...place, digest });
      });
    },
  };
}

export function memoryPublisher(world: MemoryWorld, environment: string): ArtefactPublisher {
  return {
    publish: (repository, artefact) => {
      const place = { environment, repository };
      return inWorld(world, 'publish', place, () => {
        const parts = [{ digest: artefact.manifestDigest, bytes: artefact.manifest }, ...artefact.blobs];
        const bad = parts.find(({ digest, bytes }) => digestOf(bytes) !== digest);
        if (bad !== undefined) throw wrong('digest-mismatch', bad.digest, digestOf(bad.bytes));
        for (const { digest, bytes } of artefact.blobs) ensureRepository(world, place).blobs.set(digest, bytes);
        storeManifest(world, place, { mediaType: artefact.mediaType, bytes: artefact.manifest });
      });
    },
  };
}

/** `writeEnabled=false` blocks deleting too (ACR, "Lock a container image"). */
function mayDelete(one: MemoryManifest | MemoryTag): boolean {
  return one.lock.deletable && one.lock.writable;
}

function forgetReferrer(stored: MemoryRepository, digest: Digest, manifest: MemoryManifest): void {
  const { subject } = namedBy(manifest.bytes);
  if (subject === undefined) return;
  const others = stored.referrers.get(subject)?.filter((one) => one !== digest) ?? [];
  stored.referrers.set(subject, others);
}
