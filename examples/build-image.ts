/** An image of one layer, the same bytes on every machine: only the signatures of the examples differ from run to run. */
import { digestOf } from '../src/content/digest-of.ts';
import type { Digest } from '../src/domain/digest.ts';
import { packLayer } from '../src/manifests/layer.ts';
import { BEHAVIOUR_PATH, type Behaviour } from './behaviour.ts';

export interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface BuiltImage {
  readonly mediaType: string;
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';
const IMAGE_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

export async function buildImage(title: string, version: string, behaviour: Behaviour): Promise<BuiltImage> {
  const files = [{ path: BEHAVIOUR_PATH, bytes: Buffer.from(`${JSON.stringify(behaviour, undefined, 2)}\n`) }];
  const { tar, gzip } = await packLayer(files);
  const layer = blobOf(gzip);
  const labels = { 'org.opencontainers.image.title': title, 'org.opencontainers.image.version': version };
  const config = blobOf({
    architecture: 'amd64',
    os: 'linux',
    config: { ExposedPorts: { [`${behaviour.listen}/tcp`]: {} }, Labels: labels, User: '65532' },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  });
  const manifest = blobOf({
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptorOf(IMAGE_CONFIG, config),
    layers: [descriptorOf(IMAGE_LAYER, layer)],
    annotations: labels,
  });
  return { mediaType: IMAGE_MANIFEST, manifest, blobs: [config, layer] };
}

function blobOf(content: Uint8Array | object): Blob {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
  return { digest: digestOf(bytes), bytes };
}

function descriptorOf(mediaType: string, { digest, bytes }: Blob): object {
  return { mediaType, digest, size: bytes.byteLength };
}
