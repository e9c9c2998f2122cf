/** The Notation signatures of an image, with all their bytes: what the program verifies has been hashed by our own reader. */
import { isRecord, jsonObject } from '../../../content/json-object.ts';
import { type Digest, isDigest } from '../../../domain/digest.ts';
import type { Image } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Descriptor, RegistryReader, StoredManifest } from '../../../ports/registry-reader.ts';
import type { SignatureFault } from '../../../ports/signatures.ts';
import { ENVELOPES, LIMITS, NOTATION_ARTIFACT } from './wire.ts';

export interface Candidate {
  readonly manifest: StoredManifest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

export type Reading =
  | { readonly kind: 'candidate'; readonly digest: Digest; readonly candidate: Candidate }
  | { readonly kind: 'bad'; readonly digest: Digest; readonly why: string; readonly because?: SignatureFault }
  | { readonly kind: 'unreadable'; readonly digest: Digest; readonly error: unknown }
  | { readonly kind: 'no-signature' };

/** Throws PortError when the registry would not say what there is, or has more than anybody needs. */
export async function readCandidates(registry: RegistryReader, image: Image): Promise<readonly Reading[]> {
  const referrers = (await registry.referrers(image.repository, image.digest)).filter(mayBeSignature);
  if (referrers.length > LIMITS.artefacts) throw tooMany(registry, image, referrers.length);
  return Promise.all(referrers.map((one) => read(registry, image, one)));
}

/** A registry may leave out what a referrer is (some do); such a one is looked at rather than overlooked. */
function mayBeSignature({ artifactType }: Descriptor): boolean {
  return artifactType === undefined || artifactType === '' || artifactType === NOTATION_ARTIFACT;
}

async function read(registry: RegistryReader, image: Image, { digest }: Descriptor): Promise<Reading> {
  const content = registry.remembered ?? registry;
  try {
    const manifest = await content.manifest(image.repository, digest);
    if (manifest === undefined) return { kind: 'unreadable', digest, error: listedOnly(registry, image, digest) };
    const stated = objectIn(manifest.bytes);
    if (typeOf(stated) !== NOTATION_ARTIFACT) return { kind: 'no-signature' };
    if (digestIn(stated?.['subject']) !== image.digest)
      return { kind: 'bad', digest, why: 'its manifest refers to another image', because: 'other-image' };
    const layers: readonly unknown[] = Array.isArray(stated?.['layers']) ? stated['layers'] : [];
    const [layer] = layers;
    const envelope = digestIn(layer);
    if (layers.length !== 1 || envelope === undefined || !isRecord(layer) || !ENVELOPES.includes(layer['mediaType']))
      return { kind: 'bad', digest, why: 'its manifest holds something else than one envelope' };
    if (typeof layer['size'] !== 'number' || layer['size'] > LIMITS.envelopeSize) {
      const why = `its envelope is larger than ${LIMITS.envelopeSize} bytes`;
      return { kind: 'bad', digest, why, because: 'too-large' };
    }
    const bytes = await content.blob(image.repository, envelope, LIMITS.envelopeSize);
    return { kind: 'candidate', digest, candidate: { manifest, blobs: [{ digest: envelope, bytes }] } };
  } catch (error) {
    return { kind: 'unreadable', digest, error };
  }
}

/** OCI 1.1 names it on top; before, the type of the config did. */
function typeOf(manifest: Readonly<Record<string, unknown>> | undefined): unknown {
  const config = manifest?.['config'];
  return manifest?.['artifactType'] ?? (isRecord(config) ? config['mediaType'] : undefined);
}

function digestIn(descriptor: unknown): Digest | undefined {
  const digest = isRecord(descriptor) ? descriptor['digest'] : undefined;
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  return bytes.byteLength > LIMITS.manifestSize ? undefined : jsonObject(bytes);
}

function listedOnly(registry: RegistryReader, image: Image, digest: Digest): PortError {
  return new PortError('manifest-unknown', `${registry.host} lists a signature that it does not have (yet)`, {
    retry: 'yes',
    expected: `${image.repository}@${digest}`,
    got: 'no such manifest',
  });
}

function tooMany(registry: RegistryReader, image: Image, count: number): PortError {
  return new PortError(
    'registry-protocol',
    `too many signatures on ${image.repository}@${image.digest} in ${registry.host}`,
    {
      retry: 'no',
      expected: `at most ${LIMITS.artefacts} Notation signatures`,
      got: `${count}`,
      remedy: 'find out who pushes them, and delete those that nobody needs',
    },
  );
}
