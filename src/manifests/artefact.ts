/**
 * A folder of manifests as an OCI artefact that refers to the image it was released with. Media types and layout are Flux's
 * (fluxcd/pkg/oci, `flux push artifact`), so that `flux pull artifact`, OCIRepository and `crane export` read it too: an image
 * manifest, an image config that names the uncompressed layer, one tar+gzip layer. Nothing in it depends on the time or the place.
 */
import { digestOf } from '../content/digest-of.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import { type ManifestFile, ManifestsError } from './manifest-file.ts';
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

/** Reads an artefact's manifest, whoever made it: the first layer of Flux's media type. Throws {@link ManifestsError}. */
export function readArtefactManifest(bytes: Uint8Array): ArtefactManifest {
  const manifest = parseJson(bytes);
  const layers = Array.isArray(manifest['layers']) ? (manifest['layers'] as readonly unknown[]) : [];
  const layer = layers.map(asRecord).find((one) => one['mediaType'] === LAYER_MEDIA_TYPE);
  if (layer === undefined) throw invalid(`has no layer of type ${LAYER_MEDIA_TYPE}`);
  const { digest, size } = layer;
  if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number') {
    throw invalid('has a layer without digest or size');
  }
  const subject = asRecord(manifest['subject'])['digest'];
  return { layer: { digest, size }, subject: typeof subject === 'string' && isDigest(subject) ? subject : undefined };
}

function descriptorOf(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/** `JSON.stringify` of a literal keeps the order in which it is written here, which is part of the format. */
function utf8(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw invalid('is not JSON');
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(message: string): ManifestsError {
  const remedy = 'publish the manifests with "sluice start", or as "flux push artifact" does';
  return new ManifestsError('manifests-invalid', [
    { where: 'manifest artefact', message: `the manifest ${message}`, remedy },
  ]);
}
