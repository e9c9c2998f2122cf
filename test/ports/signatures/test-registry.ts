/** A registry in memory as the port sees it, with a switch for each way of not answering. */
import { digestOf } from '../../../src/content/digest-of.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Descriptor, RegistryReader, StoredManifest } from '../../../src/ports/registry-reader.ts';

export interface Pushed {
  readonly manifest: Uint8Array;
  readonly tag?: string;
  readonly blobs: readonly Uint8Array[];
}

export interface TestRegistry {
  readonly reader: RegistryReader;
  push(content: Pushed): Digest;
  /** From now on this operation throws. */
  fail(operation: 'manifest' | 'blob' | 'referrers', error: PortError): void;
  /** The blob is gone, or has other bytes; its digest stays in the manifests. */
  loseBlob(digest: Digest): void;
  replaceBlob(digest: Digest, bytes: Uint8Array): void;
  /** As registries without `artifactType` and annotations in their referrers answer. */
  terse: boolean;
  /** A further referrer that the registry lists. */
  list(descriptor: Descriptor): void;
}

interface Stored extends StoredManifest {
  readonly tag: string | undefined;
}

/** One in which all of that lies. */
export function registryHolding(...content: readonly Pushed[]): TestRegistry {
  const registry = createTestRegistry();
  for (const one of content) registry.push(one);
  return registry;
}

export function createTestRegistry(host = 'registry.test'): TestRegistry {
  const manifests: Stored[] = [];
  const blobs = new Map<string, Uint8Array>();
  const listed: Descriptor[] = [];
  const failures = new Map<string, PortError>();
  const check = (operation: string): void => {
    const failure = failures.get(operation);
    if (failure !== undefined) throw failure;
  };
  const registry: TestRegistry = {
    terse: false,
    reader: {
      host,
      async manifest(_repository, reference) {
        check('manifest');
        return manifests.find((one) =>
          typeof reference === 'string' ? one.digest === reference : one.tag === reference.tag,
        );
      },
      async blob(_repository, digest, limit) {
        check('blob');
        const bytes = blobs.get(digest);
        if (bytes === undefined) throw new PortError('blob-unknown', `no blob ${digest}`, { retry: 'no' });
        if (bytes.byteLength > limit) throw new PortError('registry-protocol', `larger than ${limit}`, { retry: 'no' });
        if (digestOf(bytes) !== digest) throw new PortError('digest-mismatch', `not ${digest}`, { retry: 'no' });
        return bytes;
      },
      hasBlob: async (_repository, digest) => blobs.has(digest),
      async referrers(_repository, digest) {
        check('referrers');
        const own = manifests.filter((one) => json(one.bytes).subject?.digest === digest);
        return [...own.map((one) => descriptorOf(one, registry.terse)), ...listed];
      },
    },
    push({ manifest, tag, blobs: added }) {
      for (const bytes of added) blobs.set(digestOf(bytes), bytes);
      const digest = digestOf(manifest);
      manifests.push({ digest, mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes: manifest, tag });
      return digest;
    },
    fail: (operation, error) => void failures.set(operation, error),
    loseBlob: (digest) => void blobs.delete(digest),
    replaceBlob: (digest, bytes) => void blobs.set(digest, bytes),
    list: (descriptor) => void listed.push(descriptor),
  };
  return registry;
}

interface ReferringManifest {
  readonly artifactType?: string;
  readonly subject?: { readonly digest?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

function descriptorOf({ digest, mediaType, bytes }: Stored, terse: boolean): Descriptor {
  const { artifactType, annotations } = json(bytes);
  const plain = { digest, mediaType, size: bytes.byteLength };
  if (terse) return plain;
  return { ...plain, ...(artifactType && { artifactType }), ...(annotations && { annotations }) };
}

function json(bytes: Uint8Array): ReferringManifest {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as ReferringManifest;
  } catch {
    return {};
  }
}
