/** What a manifest says of itself and of others, read so that nobody else can read it differently (image-spec 1.1; Docker schema 2). */
import { isRecord, jsonObject } from '../content/json-object.ts';
import { repeatedKey } from '../content/repeated-key.ts';
import { digestOf } from '../content/digest-of.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import type { StoredManifest } from '../ports/registry-reader.ts';
import { ambiguous, malformed, otherMediaType, type Place, unsupportedDigest } from './refusals.ts';

export interface Part {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes, as the manifest says. */
  readonly size: number;
}

export interface ManifestFacts {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the manifest itself. */
  readonly size: number;
  readonly isIndex: boolean;
  /** Manifests of an index. */
  readonly children: readonly Part[];
  /** Configuration and layers. */
  readonly blobs: readonly Part[];
  /** What each layer says, with its annotations: a signature of the older form stands there. */
  readonly statements: readonly Digest[];
  /** What it refers to, in whatever spelling it has. */
  readonly subject: string | undefined;
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Throws for whatever is not exactly one manifest or index of a known kind. */
export function readManifest(place: Place, { digest, mediaType, bytes }: StoredManifest): ManifestFacts {
  const text = textOf(bytes);
  const value = jsonObject(text);
  if (value === undefined) throw malformed(place, digest, 'a JSON object', text.slice(0, 40));
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw ambiguous(place, digest, `the key ${JSON.stringify(repeated)} twice`);
  const stated = value['mediaType'];
  if (stated !== undefined && stated !== mediaType) throw otherMediaType(place, digest, mediaType, String(stated));
  const isIndex = INDEXES.includes(mediaType);
  if (!isIndex && !MANIFESTS.includes(mediaType))
    throw otherMediaType(place, digest, 'an image manifest or an index', mediaType);
  if (value['manifests'] !== undefined && (value['config'] !== undefined || value['layers'] !== undefined))
    throw ambiguous(place, digest, 'an index and an image in one');
  const parts = (name: string): readonly Part[] => partsIn(place, digest, name, value[name]);
  const subject = value['subject'] === undefined ? undefined : partIn(place, digest, 'subject', value['subject']);
  const about = { digest, mediaType, size: bytes.byteLength, isIndex, subject: subject?.digest };
  if (isIndex) return { ...about, children: parts('manifests'), blobs: [], statements: [] };
  const config = partIn(place, digest, 'config', value['config']);
  const layers = parts('layers');
  const statements = (value['layers'] as readonly unknown[]).map((layer) => digestOf(JSON.stringify(layer)));
  return { ...about, children: [], blobs: [config, ...layers].filter((one) => !isElsewhere(one)), statements };
}

/** Empty for what is no UTF-8: some readers would mend it, each in its way. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return '';
  }
}

function partsIn(place: Place, inside: Digest, name: string, value: unknown): readonly Part[] {
  if (!Array.isArray(value)) throw malformed(place, inside, `a list of "${name}"`, typeof value);
  return value.map((one) => partIn(place, inside, name, one));
}

function partIn(place: Place, inside: Digest, name: string, value: unknown): Part {
  const { digest, mediaType, size } = isRecord(value) ? value : {};
  const isWhole = typeof digest === 'string' && typeof mediaType === 'string' && Number.isSafeInteger(size);
  if (!isWhole || (size as number) < 0)
    throw malformed(
      place,
      inside,
      `"${name}" with digest, mediaType and size`,
      JSON.stringify(value)?.slice(0, 200) ?? 'nothing',
    );
  if (!isDigest(digest)) throw unsupportedDigest(place, inside, digest.slice(0, 200));
  return { digest, mediaType, size: size as number };
}

/** Layers that are fetched from elsewhere by their own word are not kept by registries. */
function isElsewhere({ mediaType }: Part): boolean {
  return mediaType.includes('.foreign.') || mediaType.includes('.nondistributable.');
}
