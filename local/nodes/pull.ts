/** Pulling an image as a node does: manifest, configuration and every layer from the registry it names, each one hashed. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestFromHex, hexOf, isDigest } from '../../src/domain/digest.ts';
import { type ImageReference, parseImageReference } from '../../src/domain/image-reference.ts';
import { z } from 'zod';
import { openLayer } from './layer.ts';
import * as failure from './pull-error.ts';
import type { Registry } from './registry.ts';

export interface PulledImage {
  /** Digest of what the reference names: of the index when it names one, as containerd reports it. */
  readonly digest: Digest;
  readonly repository: string;
  /** Text of the behaviour file; undefined: the image has none. */
  readonly behaviour?: string;
  readonly blobs: number;
  readonly bytes: number;
}

/** Registries are not trusted: digests become file names and paths only after this. */
const descriptor = z.object({
  mediaType: z.string(),
  digest: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a sha256 digest'),
  size: z
    .int()
    .min(0)
    .max(2 * 1024 ** 3),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
});
type Descriptor = z.infer<typeof descriptor>;

const manifestSchema = z.object({
  manifests: z.array(descriptor).optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor).max(200).default([]),
});
type Manifest = z.infer<typeof manifestSchema>;

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Pulls `image`; throws {@link failure.PullError} with the message that a real node would give. */
export async function pullImage(
  image: string,
  registryOf: (loginServer: string) => Registry | undefined,
  signal: AbortSignal,
): Promise<PulledImage> {
  const reference = parse(image);
  const host = reference.registry ?? 'docker.io';
  const registry = registryOf(host);
  if (registry === undefined) {
    throw failure.unreachable(image, `https://${host}/v2/`, new Error('this node knows no such registry'));
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-pull-'));
  try {
    return await pullFrom({ image, repository: reference.repository, registry, folder, signal }, reference);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Pull {
  readonly image: string;
  readonly repository: string;
  readonly registry: Registry;
  readonly folder: string;
  readonly signal: AbortSignal;
}

async function pullFrom(pull: Pull, reference: ImageReference): Promise<PulledImage> {
  const named = await fetchManifest(pull, reference.digest ?? reference.tag ?? 'latest', reference.digest);
  const platform = platformOf(pull.image, named.manifest);
  const { manifest } = platform === undefined ? named : await fetchManifest(pull, platform.digest, platform.digest);
  const { layers } = manifest;
  if (manifest.config === undefined) throw failure.unusable(pull.image, 'no configuration: not an image');
  const config = configSchema.parse(JSON.parse((await fetchDocument(pull, manifest.config)).toString()));
  const diffIds = config.rootfs.diff_ids;
  let behaviour: string | undefined;
  for (const [index, layer] of layers.entries()) {
    const { diffHex, effect } = await unpack(pull, layer);
    if (diffIds[index] !== digestFromHex(diffHex)) {
      throw failure.unusable(
        pull.image,
        `failed to extract layer ${diffIds[index]}: wrong diff id calculated: ${diffHex}`,
      );
    }
    if (effect.kind === 'written') behaviour = effect.text;
    if (effect.kind === 'removed') behaviour = undefined;
  }
  return {
    digest: named.digest,
    repository: `${reference.registry}/${reference.repository}`,
    ...(behaviour === undefined ? {} : { behaviour }),
    blobs: layers.length + 1,
    bytes: layers.reduce((sum, layer) => sum + layer.size, manifest.config.size),
  };
}

async function fetchManifest(
  pull: Pull,
  name: string,
  expected?: Digest,
): Promise<{ digest: Digest; manifest: Manifest }> {
  const path = `/v2/${pull.repository}/manifests/${name}`;
  const response = await open(pull, path, [...INDEX_TYPES, ...MANIFEST_TYPES].join(', '));
  if (response.statusCode === 404) throw missing(response, failure.manifestMissing(pull.image));
  const bytes = await pull.registry.read(response, MAX_DOCUMENT_BYTES);
  const digest = digestOf(bytes);
  if (expected !== undefined && digest !== expected)
    throw failure.wrongContent(pull.image, 'manifest', digest, expected);
  return { digest, manifest: manifestSchema.parse(JSON.parse(bytes.toString())) };
}

/** The child for this machine's platform; undefined when the manifest is no index. */
function platformOf(image: string, manifest: Manifest): Descriptor | undefined {
  if (manifest.manifests === undefined) return undefined;
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const child = manifest.manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  if (child === undefined)
    throw failure.unusable(image, `no match for platform linux/${architecture} in manifest: not found`);
  return child;
}

async function fetchDocument(pull: Pull, blob: Descriptor): Promise<Buffer> {
  const bytes = await pull.registry.read(await openBlob(pull, blob), Math.min(blob.size, MAX_DOCUMENT_BYTES));
  const digest = digestOf(bytes);
  if (digest !== blob.digest) throw failure.wrongContent(pull.image, 'config', digest, blob.digest);
  return bytes;
}

/** Fetched whole and hashed before anything looks into it. */
async function unpack(pull: Pull, layer: Descriptor): Promise<Awaited<ReturnType<typeof openLayer>>> {
  const file = join(pull.folder, hexOf(layer.digest));
  const hash = createHash('sha256');
  let size = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      done(size > layer.size ? new Error(`layer ${layer.digest} is longer than its ${layer.size} bytes`) : null, chunk);
    },
  });
  try {
    await pipeline(await openBlob(pull, layer), counting, createWriteStream(file));
  } catch (error) {
    if (error instanceof failure.PullError) throw error;
    throw failure.unusable(pull.image, `failed to copy: ${(error as Error).message}`, error);
  }
  const digest = digestFromHex(hash.digest('hex'));
  if (digest !== layer.digest) throw failure.wrongContent(pull.image, 'layer', digest, layer.digest);
  try {
    return await openLayer(file, layer.mediaType);
  } catch (error) {
    throw failure.unusable(pull.image, `failed to extract layer ${layer.digest}: ${(error as Error).message}`, error);
  }
}

async function openBlob(pull: Pull, blob: Descriptor): Promise<IncomingMessage> {
  const path = `/v2/${pull.repository}/blobs/${blob.digest}`;
  const response = await open(pull, path, '*/*');
  if (response.statusCode !== 404) return response;
  throw missing(response, failure.blobMissing(pull.image, pull.registry.url(path)));
}

function open(pull: Pull, path: string, accept: string): Promise<IncomingMessage> {
  return pull.registry.open({ image: pull.image, repository: pull.repository, path, accept }, pull.signal);
}

function missing(response: IncomingMessage, error: Error): Error {
  response.resume();
  return error;
}

function parse(image: string): ImageReference {
  try {
    return parseImageReference(image);
  } catch {
    throw failure.invalidName(image);
  }
}

function digestOf(bytes: Buffer): Digest {
  return digestFromHex(createHash('sha256').update(bytes).digest('hex'));
}
