/** A folder in which Notation finds all it needs: the image's manifest and one signature as an OCI layout, its trust policy and its trust store. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { hexOf } from '../../../domain/digest.ts';
import type { StoredManifest } from '../../../ports/registry-reader.ts';
import type { Candidate } from './candidates.ts';
import { NOTATION_ARTIFACT } from './wire.ts';

export interface NotationTrust {
  /** `trustpolicy.json`, as text. */
  readonly trustPolicy: string;
  /** Files of the trust store, by their path in it: `x509/ca/<store>/<file>`. */
  readonly trustStore: readonly { readonly path: string; readonly base64: string }[];
}

export interface Layout {
  /** Of the OCI layout. */
  readonly images: string;
  /** As `XDG_CONFIG_HOME`. */
  readonly config: string;
  readonly home: string;
}

/** Calls `use` with the folder, which is gone afterwards. */
export async function withLayout<Result>(
  image: StoredManifest,
  { manifest, blobs }: Candidate,
  { trustPolicy, trustStore }: NotationTrust,
  use: (layout: Layout) => Promise<Result>,
): Promise<Result> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-notation-'));
  try {
    const layout = { images: join(home, 'image'), config: join(home, 'config'), home };
    const contents = [image, manifest].map(({ digest, bytes }) => ({ digest, bytes }));
    for (const { digest, bytes } of [...contents, ...blobs])
      await put(join(layout.images, 'blobs', 'sha256', hexOf(digest)), bytes);
    await put(join(layout.images, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await put(join(layout.images, 'index.json'), JSON.stringify(indexOf(image, manifest)));
    const own = join(layout.config, 'notation');
    await put(join(own, 'trustpolicy.json'), trustPolicy);
    for (const { path, base64 } of trustStore)
      await put(join(own, 'truststore', inside(path)), Buffer.from(base64, 'base64'));
    return await use(layout);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function indexOf(image: StoredManifest, signature: StoredManifest): object {
  const described = ({ digest, mediaType, bytes }: StoredManifest): object => ({
    mediaType,
    digest,
    size: bytes.byteLength,
  });
  const manifests = [described(image), { ...described(signature), artifactType: NOTATION_ARTIFACT }];
  return { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
}

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
}

/** The paths come from our own reading of a folder; nothing may lead out of it all the same. */
function inside(path: string): string {
  const plain = normalize(path);
  if (plain.startsWith('..') || plain.startsWith('/')) throw new Error(`not in the trust store: ${path}`);
  return plain;
}
