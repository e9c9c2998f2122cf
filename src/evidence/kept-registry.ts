/** A registry as it was when the evidence was made: whoever verifies reads the archive through the port that the engine reads registries by. */
import { jsonObject, recordOf } from '../content/json-object.ts';
import { isDigest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import { PortError } from '../ports/port-error.ts';
import type { Descriptor, RegistryReader, StoredManifest } from '../ports/registry-reader.ts';
import { unreadable } from './evidence-error.ts';
import { type Part, registryAt } from './layout.ts';
import { type KeptContent, subjectOf } from './registry-content.ts';
import type { WholeBlobs } from './whole-blobs.ts';

export interface KeptRegistry {
  readonly content: KeptContent;
  readonly image: Image;
  readonly reader: RegistryReader;
}

/** By environment. Throws `evidence-unreadable` for what is no list of content. */
export function keptRegistries(parts: readonly Part[], whole: WholeBlobs): ReadonlyMap<string, KeptRegistry> {
  return new Map(
    parts.flatMap(({ path, bytes }): readonly (readonly [string, KeptRegistry])[] => {
      const environment = registryAt(path);
      if (environment === undefined) return [];
      const content = contentOf(path, bytes);
      const image = { repository: content.repository, digest: content.image };
      return [[environment, { content, image, reader: readerOf(content, whole) }]];
    }),
  );
}

function readerOf({ host, repository, manifests }: KeptContent, whole: WholeBlobs): RegistryReader {
  const stored = ({ digest, mediaType }: KeptContent['manifests'][number]): StoredManifest | undefined => {
    const bytes = whole.get(digest);
    return bytes === undefined ? undefined : { digest, mediaType, bytes };
  };
  const inIt = (asked: string): boolean => asked === repository;
  const blobs = new Set(manifests.flatMap((one) => one.blobs));
  return {
    host,
    async manifest(asked, reference) {
      if (!inIt(asked)) return undefined;
      const found = manifests.find((one) =>
        typeof reference === 'string' ? one.digest === reference : one.tags?.includes(reference.tag) === true,
      );
      return found === undefined ? undefined : stored(found);
    },
    async blob(asked, digest, limit) {
      const bytes = inIt(asked) && blobs.has(digest) ? whole.get(digest) : undefined;
      if (bytes === undefined) throw missing(`the evidence has no blob ${digest}`);
      if (bytes.byteLength > limit) throw missing(`blob ${digest} is larger than ${limit} bytes`);
      return bytes;
    },
    hasBlob: async (asked, digest) => inIt(asked) && blobs.has(digest) && whole.has(digest),
    async referrers(asked, digest) {
      if (!inIt(asked)) return [];
      return manifests.flatMap((one) => {
        const manifest = stored(one);
        return manifest === undefined || subjectOf(manifest.bytes) !== digest ? [] : [descriptorOf(manifest)];
      });
    },
  };
}

/** As a registry lists it: what the manifest itself says (distribution-spec 1.1, "Listing Referrers"). */
function descriptorOf({ digest, mediaType, bytes }: StoredManifest): Descriptor {
  const { artifactType, annotations, config } = jsonObject(bytes) ?? {};
  const type = typeof artifactType === 'string' ? artifactType : recordOf(config)['mediaType'];
  return {
    ...{ digest, mediaType, size: bytes.byteLength },
    ...(typeof type === 'string' ? { artifactType: type } : {}),
    ...(annotations === undefined ? {} : { annotations: recordOf(annotations) as Readonly<Record<string, string>> }),
  };
}

function missing(message: string): PortError {
  return new PortError('blob-unknown', message, { retry: 'no' });
}

function contentOf(path: string, bytes: Uint8Array): KeptContent {
  const value = (jsonObject(bytes) ?? {}) as Partial<KeptContent>;
  if (isContent(value)) return value;
  throw unreadable('it has a list of content that is none', path);
}

function isContent(value: Partial<KeptContent>): value is KeptContent {
  const { format, environment, host, repository, image, manifests } = value;
  const texts = [environment, host, repository].every((one) => typeof one === 'string');
  if (format !== 1 || !texts || typeof image !== 'string' || !isDigest(image) || !Array.isArray(manifests))
    return false;
  return manifests.every(
    (one) =>
      typeof one === 'object' &&
      one !== null &&
      isDigest(String(one.digest)) &&
      typeof one.mediaType === 'string' &&
      Array.isArray(one.blobs) &&
      one.blobs.every((digest: unknown) => isDigest(String(digest))) &&
      (one.tags === undefined || Array.isArray(one.tags)),
  );
}
