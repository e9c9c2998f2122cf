/** RegistryReader in memory. */
import { digestOf } from '../../../content/digest-of.ts';
import { type Digest } from '../../../domain/digest.ts';
import { isTag } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Descriptor, RegistryReader } from '../../../ports/registry-reader.ts';
import type { MemoryCall } from './memory-faults.ts';
import { type MemoryManifest } from './memory-state.ts';
import { inWorld, type MemoryPlace, type MemoryWorld, parse, repositoryAt, wrong } from './memory-world.ts';

export function memoryReader(world: MemoryWorld, environment: string): RegistryReader {
  return {
    host: world.hosts[environment] ?? environment,
    manifest: (repository, reference) => {
      const place = { environment, repository };
      return inWorld(world, 'manifest', place, () => {
        if (typeof reference !== 'string' && !isTag(reference.tag))
          throw wrong('reference-malformed', 'a tag', JSON.stringify(reference.tag));
        const stored = repositoryAt(world, place);
        const digest = typeof reference === 'string' ? reference : stored?.tags.get(reference.tag)?.digest;
        const manifest = digest === undefined ? undefined : stored?.manifests.get(digest);
        if (digest === undefined || manifest === undefined) return undefined;
        return {
          digest,
          mediaType: manifest.mediaType,
          bytes: hashed(world, 'manifest', place, digest, manifest.bytes),
        };
      });
    },
    blob: (repository, digest, limit) => {
      const place = { environment, repository };
      return inWorld(world, 'blob', place, () => {
        const bytes = repositoryAt(world, place)?.blobs.get(digest);
        if (bytes === undefined) throw wrong('blob-unknown', 'a blob that the registry holds', `none with ${digest}`);
        if (bytes.length > limit)
          throw wrong('registry-protocol', `at most ${limit} bytes`, `${bytes.length} bytes or more`);
        return hashed(world, 'blob', place, digest, bytes);
      });
    },
    hasBlob: (repository, digest) => {
      const place = { environment, repository };
      return inWorld(world, 'has-blob', place, () => repositoryAt(world, place)?.blobs.has(digest) ?? false);
    },
    referrers: (repository, digest, atMost = Infinity) => {
      const place = { environment, repository };
      return inWorld(world, 'referrers', place, () => {
        const found = referrers(world, place, digest);
        if (found.length > atMost) throw wrong('referrers-too-many', `at most ${atMost}`, `${found.length}`);
        return found;
      });
    },
  };
}

function hashed(
  world: MemoryWorld,
  call: MemoryCall,
  place: MemoryPlace,
  digest: Digest,
  bytes: Uint8Array,
): Uint8Array {
  const swapped = world.faults.take(['swap'], { ...place, call }) !== undefined;
  const got = digestOf(swapped ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes);
  if (got === digest) return bytes;
  throw new PortError('digest-mismatch', `could not read ${place.repository}@${digest} at ${place.environment}`, {
    retry: 'no',
    expected: digest,
    got,
    remedy: 'do not use this copy',
  });
}

function referrers(world: MemoryWorld, place: MemoryPlace, subject: Digest): Descriptor[] {
  const stored = repositoryAt(world, place);
  return (stored?.referrers.get(subject) ?? []).flatMap((digest) => {
    const manifest = stored?.manifests.get(digest);
    return manifest === undefined ? [] : [descriptorOf(digest, manifest)];
  });
}

/** `artifactType` falls back to the configuration's media type (distribution-spec 1.1.1, "Listing Referrers"). */
function descriptorOf(digest: Digest, manifest: MemoryManifest): Descriptor {
  const { artifactType, config, annotations } = parse(manifest.bytes);
  const type = artifactType ?? (config as { readonly mediaType?: unknown } | undefined)?.mediaType;
  return {
    digest,
    mediaType: manifest.mediaType,
    size: manifest.bytes.length,
    ...(typeof type === 'string' ? { artifactType: type } : {}),
    ...(typeof annotations === 'object' && annotations !== null
      ? { annotations: annotations as Readonly<Record<string, string>> }
      : {}),
  };
}
