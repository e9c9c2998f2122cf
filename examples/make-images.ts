/**
 * Makes iam/images and iam/keys: `node examples/make-images.ts`. The images come out the same every time; the keys are thrown away
 * after signing, so the public keys and all signatures are new.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { digestOf } from '../src/content/digest-of.ts';
import { type Digest, hexOf } from '../src/domain/digest.ts';
import { type Behaviour, healthy, unhealthyIn } from './behaviour.ts';
import { type Blob, type BuiltImage, IMAGE_MANIFEST, buildImage } from './build-image.ts';
import { EXAMPLES, EXAMPLE_KEYS, type ExampleName } from './images.ts';
import { type Key, type Signer, withSigner } from './sign.ts';

interface Recipe {
  readonly version: string;
  readonly behaviour: (version: string) => Behaviour;
  readonly signedBy: 'trusted' | 'foreign' | 'nobody';
}

const RECIPES: Readonly<Record<ExampleName, Recipe>> = {
  v1: { version: '2026.11.3', behaviour: healthy, signedBy: 'trusted' },
  v2: {
    version: '2026.11.4',
    behaviour: (version) => unhealthyIn(version, ['staging', 'production']),
    signedBy: 'trusted',
  },
  unsigned: { version: '2026.11.5', behaviour: healthy, signedBy: 'nobody' },
  foreign: { version: '2026.11.6', behaviour: healthy, signedBy: 'foreign' },
};

interface Entry {
  readonly manifest: Blob;
  readonly mediaType: string;
  readonly tag?: string;
}

await withSigner(async (signer) => {
  const keys = { trusted: await signer.makeKey(), foreign: await signer.makeKey() };
  await mkdir(new URL('.', EXAMPLE_KEYS.trusted), { recursive: true });
  await writeFile(EXAMPLE_KEYS.trusted, keys.trusted.publicPem);
  await writeFile(EXAMPLE_KEYS.foreign, keys.foreign.publicPem);
  for (const name of EXAMPLES) await make(signer, name, keys);
});

async function make(
  signer: Signer,
  name: ExampleName,
  keys: Readonly<Record<'trusted' | 'foreign', Key>>,
): Promise<void> {
  const { version, behaviour, signedBy } = RECIPES[name];
  const image = await buildImage('iam', version, behaviour(version));
  const entries: Entry[] = [{ manifest: image.manifest, mediaType: image.mediaType, tag: version }];
  const blobs: Blob[] = [...image.blobs];
  if (signedBy !== 'nobody') {
    await push(signer, image, version);
    await signer.sign(keys[signedBy], `iam@${image.manifest.digest}`);
    for (const entry of await signaturesOf(signer, image.manifest.digest)) {
      entries.push(entry);
      blobs.push(...(await blobsOf(signer, entry.manifest)));
    }
  }
  await writeLayout(name, entries, blobs);
  console.log(
    `${name.padEnd(9)} iam:${version}@${image.manifest.digest} with ${entries.length - 1} signature artefacts`,
  );
}

async function push(signer: Signer, image: BuiltImage, version: string): Promise<void> {
  for (const { digest, bytes } of image.blobs) {
    const begun = await request(signer, 'iam/blobs/uploads/', { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', begun.url);
    location.searchParams.set('digest', digest);
    await request(signer, location.href, { method: 'PUT', body: Buffer.from(bytes) });
  }
  const headers = { 'content-type': image.mediaType };
  await request(signer, `iam/manifests/${version}`, {
    method: 'PUT',
    headers,
    body: Buffer.from(image.manifest.bytes),
  });
}

/** The registry has no referrers API: Cosign keeps bundles in an index under the tag `sha256-<hex>`, legacy ones under `….sig`. */
async function signaturesOf(signer: Signer, image: Digest): Promise<readonly Entry[]> {
  const tag = `sha256-${hexOf(image)}`;
  const index = (await (await request(signer, `iam/manifests/${tag}`)).json()) as { manifests: { digest: string }[] };
  const bundles = await Promise.all(index.manifests.map(({ digest }) => manifestAt(signer, digest)));
  return [...bundles, { ...(await manifestAt(signer, `${tag}.sig`)), tag: `${tag}.sig` }];
}

async function manifestAt(signer: Signer, reference: string): Promise<Entry> {
  const answer = await request(signer, `iam/manifests/${reference}`, { headers: { accept: IMAGE_MANIFEST } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return {
    manifest: { digest: digestOf(bytes), bytes },
    mediaType: answer.headers.get('content-type') ?? IMAGE_MANIFEST,
  };
}

async function blobsOf(signer: Signer, manifest: Blob): Promise<readonly Blob[]> {
  const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as {
    config: { digest: Digest };
    layers: { digest: Digest }[];
  };
  return Promise.all(
    [config, ...layers].map(async ({ digest }) => {
      const bytes = new Uint8Array(await (await request(signer, `iam/blobs/${digest}`)).arrayBuffer());
      return { digest, bytes };
    }),
  );
}

async function request(signer: Signer, path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(new URL(path, `http://${signer.registry}/v2/`), init);
  if (answer.ok) return answer;
  throw new Error(`${init.method ?? 'GET'} ${answer.url}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
}

/** OCI image-layout 1.0: the image first, then its signatures. */
async function writeLayout(name: ExampleName, entries: readonly Entry[], blobs: readonly Blob[]): Promise<void> {
  const root = new URL(`./iam/images/${name}/`, import.meta.url);
  await rm(root, { recursive: true, force: true });
  await mkdir(new URL('blobs/sha256/', root), { recursive: true });
  for (const { digest, bytes } of [...entries.map(({ manifest }) => manifest), ...blobs]) {
    await writeFile(new URL(`blobs/sha256/${hexOf(digest)}`, root), bytes);
  }
  const manifests = entries.map(({ manifest: { digest, bytes }, mediaType, tag }) => ({
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(tag === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': tag } }),
  }));
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  await writeFile(new URL('oci-layout', root), `${JSON.stringify({ imageLayoutVersion: '1.0.0' })}\n`);
  await writeFile(new URL('index.json', root), `${JSON.stringify(index, undefined, 2)}\n`);
}
