/** Reading a manifest's bytes: what it is, what it needs, what it refers to (OCI image-spec 1.1, Docker schema 2). */
import { Refusal } from '../http/refusal.ts';
import { isDigest } from './digests.ts';
import type { Descriptor } from './repository-record.ts';

export const IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json';
export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPES = [IMAGE_INDEX, 'application/vnd.docker.distribution.manifest.list.v2+json'];
const IMAGE_TYPES = [IMAGE_MANIFEST, 'application/vnd.docker.distribution.manifest.v2+json'];
/** 4 MiB, ACR's and the specification's limit. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;

export interface ParsedManifest {
  readonly mediaType: string;
  readonly config?: Descriptor;
  /** Config and layers that the registry itself must hold. */
  readonly blobs: readonly Descriptor[];
  /** Manifests of an index. */
  readonly children: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Parses and checks; refuses with 400 MANIFEST_INVALID. */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): ParsedManifest {
  const value = parseObject(bytes);
  const stated = typeof value['mediaType'] === 'string' ? value['mediaType'] : undefined;
  const mediaType = contentType?.split(';')[0]?.trim() || stated;
  if (mediaType === undefined) throw invalid('neither Content-Type nor mediaType says what the manifest is');
  if (stated !== undefined && stated !== mediaType)
    throw invalid(`mediaType ${stated} contradicts Content-Type ${mediaType}`);

  const annotations = annotationsOf(value['annotations']);
  const shared = {
    mediaType,
    ...(value['subject'] === undefined ? {} : { subject: descriptor(value['subject'], 'subject') }),
    ...(typeof value['artifactType'] === 'string' ? { artifactType: value['artifactType'] } : {}),
    ...(annotations === undefined ? {} : { annotations }),
  };
  if (INDEX_TYPES.includes(mediaType)) {
    return { ...shared, blobs: [], children: descriptors(value['manifests'], 'manifests') };
  }
  if (!IMAGE_TYPES.includes(mediaType)) throw invalid(`manifests of type ${mediaType} are not supported`);
  const config = descriptor(value['config'], 'config');
  const layers = descriptors(value['layers'], 'layers').filter((layer) => !isForeign(layer));
  return { ...shared, config, blobs: [config, ...layers], children: [] };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The refusal below serves both: no JSON, and JSON that is no object.
  }
  throw invalid('the manifest is not a JSON object');
}

function descriptors(value: unknown, field: string): Descriptor[] {
  if (!Array.isArray(value)) throw invalid(`${field} is not a list`);
  return value.map((item, index) => descriptor(item, `${field}[${index}]`));
}

function descriptor(value: unknown, field: string): Descriptor {
  const candidate = value as Partial<Descriptor> | null | undefined;
  const { mediaType, digest, size } = candidate ?? {};
  const sound =
    typeof mediaType === 'string' && typeof digest === 'string' && isDigest(digest) && Number.isInteger(size);
  if (!sound) throw invalid(`${field} is not a descriptor with mediaType, digest and size`);
  return candidate as Descriptor;
}

function annotationsOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(value);
  if (entries.some(([, text]) => typeof text !== 'string')) throw invalid('annotations are not all text');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Layers that live elsewhere by their own word are not pushed. */
function isForeign(layer: Descriptor): boolean {
  return Array.isArray((layer as { urls?: unknown }).urls) || layer.mediaType.includes('.foreign.');
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'MANIFEST_INVALID', `manifest invalid: ${message}`, { detail: { message } });
}
