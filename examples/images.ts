/** The example images with their signatures, from the OCI layouts in iam/images, and a way to push them into a registry. */
import { readFileSync } from 'node:fs';
import { digestOf } from '../src/content/digest-of.ts';
import { type Digest, hexOf, parseDigest } from '../src/domain/digest.ts';

export const EXAMPLES = ['v1', 'v2', 'unsigned', 'foreign'] as const;
export type ExampleName = (typeof EXAMPLES)[number];

export interface ExampleManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** The image's version, or Cosign's tag of a legacy signature; undefined: by digest only. */
  readonly tag?: string;
}

export interface Example {
  readonly name: ExampleName;
  readonly repository: 'iam';
  /** `2026.11.3` … */
  readonly version: string;
  readonly image: ExampleManifest;
  /** Of `foreign`, by a key that is not `cosign.pub`; of `unsigned`, none. */
  readonly signatures: readonly ExampleManifest[];
  /** Configs and layers of the image and its signatures. */
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

const ROOT = new URL('./iam/', import.meta.url);

/** Public keys as files: `cosign.pub` signed v1 and v2, `foreign.pub` signed the image of that name. */
export const EXAMPLE_KEYS = {
  trusted: new URL('keys/cosign.pub', ROOT),
  foreign: new URL('keys/foreign.pub', ROOT),
} as const;

/** The service's manifests: one folder for each environment. */
export const EXAMPLE_MANIFESTS = new URL('manifests/iam/', ROOT);

interface LayoutIndex {
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

/** Reads a few kilobytes and checks every digest. */
export function readExample(name: ExampleName): Example {
  const index = JSON.parse(readFileSync(new URL(`images/${name}/index.json`, ROOT), 'utf8')) as LayoutIndex;
  const [image, ...signatures] = index.manifests.map((one): ExampleManifest => {
    const digest = parseDigest(one.digest);
    const tag = one.annotations?.['org.opencontainers.image.ref.name'];
    const stored = { digest, mediaType: one.mediaType, bytes: readBlob(name, digest) };
    return tag === undefined ? stored : { ...stored, tag };
  });
  if (image?.tag === undefined) throw new Error(`examples/iam/images/${name}: the first manifest has no version`);
  const digests = new Set([image, ...signatures].flatMap(blobsOf));
  const blobs = [...digests].map((digest) => ({ digest, bytes: readBlob(name, digest) }));
  return { name, repository: 'iam', version: image.tag, image, signatures, blobs };
}

/** `fetch` with the registry's address and credentials already in it: gets `/v2/…` or what a Location header said. */
export type Uploader = (
  path: string,
  init: { readonly method: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: Uint8Array },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** Pushes image and signatures (distribution-spec 1.1, "Pushing manifests"), the image under its version. Twice is once. */
export async function pushExample(upload: Uploader, name: ExampleName): Promise<Example> {
  const example = readExample(name);
  for (const { digest, bytes } of example.blobs) await pushBlob(upload, example.repository, digest, bytes);
  for (const manifest of [example.image, ...example.signatures]) {
    const path = `/v2/${example.repository}/manifests/${manifest.tag ?? manifest.digest}`;
    const headers = { 'content-type': manifest.mediaType };
    await expect(upload(path, { method: 'PUT', headers, body: manifest.bytes }), 201, `PUT ${path}`);
  }
  return example;
}

async function pushBlob(upload: Uploader, repository: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  const begin = `/v2/${repository}/blobs/uploads/`;
  const location = await expect(upload(begin, { method: 'POST' }), 202, `POST ${begin}`);
  if (location === null) throw new Error(`POST ${begin}: no Location header`);
  const path = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
  const headers = { 'content-type': 'application/octet-stream' };
  await expect(upload(path, { method: 'PUT', headers, body: bytes }), 201, `PUT ${begin}`);
}

/** The Location header of an answer with the wanted status. */
async function expect(answer: ReturnType<Uploader>, status: number, what: string): Promise<string | null> {
  const got = await answer;
  const text = await got.text();
  if (got.status === status) return got.headers.get('location');
  throw new Error(`${what}: expected ${status}, got ${got.status} ${text.slice(0, 300)}`);
}

function readBlob(name: ExampleName, digest: Digest): Uint8Array {
  const bytes = readFileSync(new URL(`images/${name}/blobs/sha256/${hexOf(digest)}`, ROOT));
  if (digestOf(bytes) !== digest) throw new Error(`examples/iam/images/${name}: blob ${digest} has been altered`);
  return bytes;
}

function blobsOf(manifest: ExampleManifest): readonly Digest[] {
  const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as {
    config: { digest: string };
    layers: readonly { digest: string }[];
  };
  return [config, ...layers].map(({ digest }) => parseDigest(digest));
}
