/** A registry whose content is remembered: bytes that were read under their digest, and hashed, are the same whenever they are read. */
import type { Digest } from '../../domain/digest.ts';
import type { RegistryReader, StoredManifest } from '../../ports/registry-reader.ts';

/** Bytes of one registry that are kept: some hundred manifests, with signatures and the usual bills of materials. */
export const REMEMBERED_BYTES = 16 * 1024 * 1024;

/** What was read longest ago goes first. */
export function remembering(reader: RegistryReader, most: number = REMEMBERED_BYTES): RegistryReader {
  const manifests = keptUpTo<StoredManifest>(most / 2, ({ bytes }) => bytes.byteLength);
  const blobs = keptUpTo<Uint8Array>(most / 2, (bytes) => bytes.byteLength);

  async function manifest(
    repository: string,
    reference: Digest | { readonly tag: string },
  ): Promise<StoredManifest | undefined> {
    const found = await reader.manifest(repository, reference);
    if (found !== undefined) manifests.keep(nameOf(repository, found.digest), found);
    return found;
  }

  async function blob(repository: string, digest: Digest, limit: number): Promise<Uint8Array> {
    const bytes = await reader.blob(repository, digest, limit);
    blobs.keep(nameOf(repository, digest), bytes);
    return bytes;
  }

  const asking: RegistryReader = { ...reader, manifest, blob };
  return {
    ...asking,
    remembered: {
      ...asking,
      async manifest(repository, reference) {
        const known = typeof reference === 'string' ? manifests.find(nameOf(repository, reference)) : undefined;
        return known ?? manifest(repository, reference);
      },
      async blob(repository, digest, limit) {
        const known = blobs.find(nameOf(repository, digest));
        return known === undefined || known.byteLength > limit ? blob(repository, digest, limit) : known;
      },
    },
  };
}

/** Whoever may read one repository may not read another: the same bytes elsewhere are asked for there. */
function nameOf(repository: string, digest: Digest): string {
  return `${repository}@${digest}`;
}

interface Kept<Content> {
  find(name: string): Content | undefined;
  keep(name: string, content: Content): void;
}

/** A Map lists its entries in the order in which they were set. */
function keptUpTo<Content>(most: number, sizeOf: (content: Content) => number): Kept<Content> {
  const all = new Map<string, Content>();
  let size = 0;
  function drop(name: string): void {
    const content = all.get(name);
    if (content === undefined) return;
    all.delete(name);
    size -= sizeOf(content);
  }
  return {
    find(name) {
      const content = all.get(name);
      if (content === undefined) return undefined;
      all.delete(name);
      all.set(name, content);
      return content;
    },
    keep(name, content) {
      drop(name);
      if (sizeOf(content) > most) return;
      all.set(name, content);
      size += sizeOf(content);
      for (const [oldest] of all) {
        if (size <= most) return;
        drop(oldest);
      }
    },
  };
}
