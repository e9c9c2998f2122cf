/** What an image is made of, from its manifest (OCI image-spec 1.1: image manifest, image index; Cosign's tag scheme for v2 signatures). */
import { digestFromHex, isDigest, parseDigest } from '../domain/digest.ts';
import { PortError } from '../ports/port-error.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { ImageContent, LegacyItem } from './item.ts';

interface Described {
  readonly digest: string;
  readonly size: number;
}
interface Manifest {
  readonly config?: Described;
  readonly layers?: readonly Described[];
  readonly manifests?: readonly Described[];
  readonly subject?: Described;
}

/** The same image with what its registry says; unchanged when that could not be found out. */
export async function withContent(item: LegacyItem, reader: RegistryReader | undefined): Promise<LegacyItem> {
  const [, registry, repository, text] = /^([^/]+)\/(.+)@(.+)$/.exec(item.name) ?? [];
  if (
    reader === undefined ||
    registry === undefined ||
    repository === undefined ||
    text === undefined ||
    !isDigest(text)
  )
    return item;
  try {
    const stored = await reader.manifest(repository, parseDigest(text));
    if (stored === undefined) return item;
    return { ...item, content: contentOf(registry, stored, item.words) };
  } catch (error) {
    // the item stays, with that reason
    if (error instanceof PortError || error instanceof SyntaxError) return item;
    throw error;
  }
}

function contentOf(
  registry: string,
  stored: { readonly digest: string; readonly bytes: Uint8Array },
  words: readonly string[],
): ImageContent {
  const manifest = JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as Manifest;
  const described = [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])];
  const tagged = words
    .map((word) => /:sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/.exec(word)?.[1])
    .find((hex) => hex !== undefined);
  return {
    registry,
    parts: (manifest.manifests ?? []).map(({ digest }) => digest),
    subject: manifest.subject?.digest ?? (tagged === undefined ? undefined : digestFromHex(tagged)),
    blobs: new Map([
      [stored.digest, stored.bytes.length],
      ...described.map(({ digest, size }) => [digest, size] as const),
    ]),
  };
}
