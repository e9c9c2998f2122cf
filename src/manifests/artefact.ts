/**
 * A folder of manifests as an OCI artefact that refers to the image it was released with. Media types and layout are Flux's
 * (fluxcd/pkg/oci, `flux push artifact`), so that `flux pull artifact`, OCIRepository and `crane export` read it too: an image
 * manifest, an image config that names the uncompressed layer, one tar+gzip layer. Nothing in it depends on the time or the place.
 */
import { digestOf } from '../content/digest-of.ts';
import { jsonObject } from '../content/json-object.ts';
import { repeatedKey } from '../content/repeated-key.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import { type ManifestFile, type ManifestsCode, ManifestsError } from './manifest-file.ts';
import { packLayer } from './layer.ts';

export { LARGEST_LAYER, unpackManifests } from './layer.ts';

export const MANIFEST_MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_MEDIA_TYPE = 'application/vnd.cncf.flux.config.v1+json';
export const LAYER_MEDIA_TYPE = 'application/vnd.cncf.flux.content.v1.tar+gzip';

/** The descriptor of the image (distribution-spec 1.1, `subject`). */
export interface Subject {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the image's manifest. */
  readonly size: number;
}

/** Fits `Artefact` of src/ports/artefact-publisher.ts. */
export interface PackedManifests {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly manifestDigest: Digest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

/**
 * The same files for the same subject give the same digest, in whatever order, on whatever machine.
 * Throws {@link ManifestsError} for files outside the limits.
 */
export async function packManifests(files: readonly ManifestFile[], subject: Subject): Promise<PackedManifests> {
  const { tar, gzip } = await packLayer(files);
  const config = utf8({
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  });
  const manifest = utf8({
    schemaVersion: 2,
    mediaType: MANIFEST_MEDIA_TYPE,
    artifactType: CONFIG_MEDIA_TYPE,
    config: descriptorOf(CONFIG_MEDIA_TYPE, config),
    layers: [descriptorOf(LAYER_MEDIA_TYPE, gzip)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
  });
  const blobs = [config, gzip].map((bytes) => ({ digest: digestOf(bytes), bytes }));
  return { mediaType: MANIFEST_MEDIA_TYPE, manifest, manifestDigest: digestOf(manifest), blobs };
}

export interface ArtefactManifest {
  readonly layer: { readonly digest: Digest; readonly size: number };
  /** Digest of the image that the artefact refers to; undefined: none. */
  readonly subject: Digest | undefined;
}

/**
 * Reads an artefact's manifest, whoever made it: the first layer of Flux's media type. What two readers could read in two ways is
 * refused, since people and other tools would look at other files than those that are applied. Throws {@link ManifestsError}.
 */
export function readArtefactManifest({ mediaType, bytes }: StoredArtefact): ArtefactManifest {
  const manifest = parseJson(bytes);
  assertKind(manifest, mediaType);
  const layers = Array.isArray(manifest['layers']) ? (manifest['layers'] as readonly unknown[]) : [];
  const layer = layers.map(asRecord).find((one) => one['mediaType'] === LAYER_MEDIA_TYPE);
  if (layer === undefined) throw invalid('manifests-invalid', `has no layer of type ${LAYER_MEDIA_TYPE}`);
  const { digest, size } = layer;
  if (typeof digest !== 'string' || typeof size !== 'number') {
    throw invalid('manifest-malformed', 'has a layer without digest or size');
  }
  return { layer: { digest: digestIn('its layer', digest), size }, subject: subjectOf(manifest) };
}

/** Fits `StoredManifest` of src/ports/registry-reader.ts. */
export interface StoredArtefact {
  /** As the registry says it. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

function assertKind(manifest: Readonly<Record<string, unknown>>, told: string): void {
  const stated = manifest['mediaType'] ?? told;
  if (told !== MANIFEST_MEDIA_TYPE || stated !== told) {
    const message = `should be ${MANIFEST_MEDIA_TYPE}; the registry says ${told}, it says itself ${String(stated)}`;
    throw invalid('media-type-mismatch', message);
  }
  if (manifest['manifests'] !== undefined) throw invalid('manifest-ambiguous', 'is an index and an image in one');
}

function subjectOf(manifest: Readonly<Record<string, unknown>>): Digest | undefined {
  const { digest } = asRecord(manifest['subject']);
  return typeof digest === 'string' ? digestIn('its subject', digest) : undefined;
}

function digestIn(where: string, text: string): Digest {
  if (isDigest(text)) return text;
  const [algorithm = ''] = text.split(':');
  const isOther =
    /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{32,}$/.test(text) && !isDigest(`${algorithm}:${'0'.repeat(64)}`);
  if (isOther) throw invalid('digest-unsupported', `names ${where} by ${algorithm}, which is not checked here`);
  throw invalid('manifest-malformed', `names ${where} by what is no digest`);
}

function descriptorOf(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/** `JSON.stringify` of a literal keeps the order in which it is written here, which is part of the format. */
function utf8(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = Buffer.from(bytes).toString('utf8');
  const value = jsonObject(text);
  if (value === undefined) throw invalid('manifest-malformed', 'is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined)
    throw invalid('manifest-ambiguous', `says ${JSON.stringify(twice.slice(0, 100))} twice in one object`);
  return value;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(code: ManifestsCode, message: string): ManifestsError {
  const remedy = 'publish the manifests with "sluice start", or as "flux push artifact" does';
  return new ManifestsError(code, [{ where: 'manifest artefact', message: `the manifest ${message}`, remedy }]);
}
