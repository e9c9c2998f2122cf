/** Tiny OCI images for tests: layers with a behaviour file, built in memory. */
import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';

export interface BuiltImage {
  readonly digest: string;
  readonly manifest: Buffer;
  readonly mediaType: string;
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly layers: readonly string[];
  readonly config: string;
}

export type Compression = 'gzip' | 'zstd' | 'none';
export type Files = Readonly<Record<string, string>>;

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An image whose single layer says how it behaves. */
export function anImage(behaviour: unknown): Promise<BuiltImage> {
  return anImageOf([{ 'sluice/behaviour.json': JSON.stringify(behaviour) }]);
}

/** An image of these layers, each a map of file names to content. */
export async function anImageOf(
  layers: readonly Files[],
  options: { readonly compression?: Compression; readonly diffIds?: readonly string[] } = {},
): Promise<BuiltImage> {
  const compression = options.compression ?? 'gzip';
  const tars = await Promise.all(layers.map(tarOf));
  const packed = tars.map((tar) => compress(tar, compression));
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: options.diffIds ?? tars.map(sha256) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: sha256(config),
        size: config.length,
      },
      layers: packed.map((bytes) => ({
        mediaType: compression === 'none' ? LAYER : `${LAYER}+${compression}`,
        digest: sha256(bytes),
        size: bytes.length,
      })),
    }),
  );
  return {
    digest: sha256(manifest),
    manifest,
    mediaType: MANIFEST,
    blobs: new Map([config, ...packed].map((bytes) => [sha256(bytes), bytes])),
    layers: packed.map(sha256),
    config: sha256(config),
  };
}

/** An index that offers `image` for one platform. */
export function anIndexOf(
  image: BuiltImage,
  architecture: string,
): Pick<BuiltImage, 'digest' | 'manifest' | 'mediaType'> {
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [
        {
          mediaType: MANIFEST,
          digest: image.digest,
          size: image.manifest.length,
          platform: { os: 'linux', architecture },
        },
      ],
    }),
  );
  return { digest: sha256(manifest), manifest, mediaType: INDEX };
}

async function tarOf(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function compress(tar: Buffer, compression: Compression): Buffer {
  if (compression === 'gzip') return gzipSync(tar);
  return compression === 'zstd' ? zstdCompressSync(tar) : tar;
}
