/** What a registry adapter hands to the shared suites: two registries, the second of which imports from the first. */
import { digestOf } from '../../../src/content/digest-of.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { Artefact, ArtefactPublisher } from '../../../src/ports/artefact-publisher.ts';
import type { ImageLocks } from '../../../src/ports/image-locks.ts';
import type { RegistryImporter } from '../../../src/ports/registry-importer.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import type { RegistryRemover } from '../../../src/ports/registry-remover.ts';

export interface FivePorts {
  readonly reader: RegistryReader;
  readonly importer: RegistryImporter;
  readonly locks: ImageLocks;
  readonly remover: RegistryRemover;
  readonly publisher: ArtefactPublisher;
}

export interface RegistrySubject {
  readonly first: FivePorts;
  readonly second: FivePorts;
  /** The first one's environment, as the second's importer knows it. */
  readonly source: string;
  /** Pushes into the first one, as a pipeline does. */
  push(repository: string, image: SampleImage, tag?: string): Promise<void>;
  close(): Promise<void>;
}

export type MakeSubject = () => Promise<RegistrySubject>;

export interface SampleImage extends Artefact {
  readonly children: readonly SampleImage[];
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export interface SampleOptions {
  readonly subject?: Artefact;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly layers?: number;
}

/** A whole small image whose content depends on `seed` alone. Its JSON has spaces and a newline that re-serialising would lose. */
export function sampleImage(seed: string, options: SampleOptions = {}): SampleImage {
  const config = blobOf(JSON.stringify({ architecture: 'amd64', os: 'linux', seed }));
  const layers = Array.from({ length: options.layers ?? 2 }, (_, index) => blobOf(`${seed} layer ${index}`));
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...sized(config) },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...sized(layer) })),
    ...(options.subject === undefined ? {} : { subject: descriptorOf(options.subject) }),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  };
  return { ...manifestOf(OCI_MANIFEST, manifest), blobs: [config, ...layers], children: [] };
}

/** An index of two images. */
export function sampleIndex(seed: string): SampleImage {
  const children = ['amd64', 'arm64'].map((architecture) => sampleImage(`${seed} ${architecture}`));
  const manifests = children.map((child) => ({
    ...descriptorOf(child),
    platform: { os: 'linux', architecture: 'amd64' },
  }));
  return { ...manifestOf(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests }), blobs: [], children };
}

let repositories = 0;

/** A repository that no other test has touched. */
export function freshRepository(): string {
  repositories += 1;
  return `suite/${process.pid.toString(36)}-${repositories.toString()}`;
}

export const NEVER = new AbortController().signal;

/** Imports from the first registry into the second and waits. */
export async function importInto(
  subject: RegistrySubject,
  repository: string,
  digest: Digest,
  tag?: string,
): Promise<void> {
  const request = { source: subject.source, repository, digest, ...(tag === undefined ? {} : { tag }) };
  await subject.second.importer.finish(await subject.second.importer.begin(request, NEVER), NEVER);
}

function blobOf(text: string): { digest: Digest; bytes: Uint8Array } {
  const bytes = new Uint8Array(Buffer.from(text));
  return { digest: digestOf(bytes), bytes };
}

function sized(blob: { readonly digest: Digest; readonly bytes: Uint8Array }): { digest: Digest; size: number } {
  return { digest: blob.digest, size: blob.bytes.length };
}

function descriptorOf(artefact: Artefact): { mediaType: string; digest: Digest; size: number } {
  return { mediaType: artefact.mediaType, digest: artefact.manifestDigest, size: artefact.manifest.length };
}

function manifestOf(
  mediaType: string,
  value: unknown,
): { mediaType: string; manifest: Uint8Array; manifestDigest: Digest } {
  const manifest = new Uint8Array(Buffer.from(`${JSON.stringify(value, null, 3)}\n`));
  return { mediaType, manifest, manifestDigest: digestOf(manifest) };
}
