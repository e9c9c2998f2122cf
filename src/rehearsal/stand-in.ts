/** An image that stands in for the real one: the same for the same service and version, and of no use to anybody. */
import { digestOf } from '../content/digest-of.ts';
import type { Digest } from '../domain/digest.ts';
import type { MemoryImage } from '../adapters/registry/memory/create-memory-registries.ts';
import { MANIFEST_MEDIA_TYPE } from '../manifests/artefact.ts';

export function standIn(service: string, version: string): MemoryImage {
  const config = utf8({ architecture: 'none', os: 'none', config: { Labels: { rehearsed: `${service} ${version}` } } });
  const manifest = utf8({
    schemaVersion: 2,
    mediaType: MANIFEST_MEDIA_TYPE,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [],
  });
  return { mediaType: MANIFEST_MEDIA_TYPE, manifest, blobs: [config], tag: version };
}

export function standInDigest(service: string, version: string): Digest {
  return digestOf(standIn(service, version).manifest);
}

function descriptor(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

function utf8(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
