/** From a signature artefact in the registry to the claims in it. */
import type { Image } from '../../../domain/image-reference.ts';
import { type Digest, isDigest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader, StoredManifest } from '../../../ports/registry-reader.ts';
import { readBundle } from './bundle-form.ts';
import type { Candidate } from './candidates.ts';
import { isRecord, jsonObject } from '../../../content/json-object.ts';
import { bad, type Reading } from './claim.ts';
import { readLegacy } from './legacy-form.ts';
import { BUNDLE_ARTIFACT, LIMITS, SIMPLE_SIGNING } from './wire.ts';

export interface Layer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, unknown>>;
}

const ELSEWHERE = 'its manifest refers to another image';

/** Throws PortError when the registry would not say. */
export async function readCandidate(
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
): Promise<readonly Reading[]> {
  const wanted = await layersOfCandidate(registry, image, candidate);
  if (typeof wanted === 'string') return [bad(wanted, wanted === ELSEWHERE ? 'other-image' : undefined)];
  const { form } = candidate.artefact;
  if (wanted.length > 0) return Promise.all(wanted.map((layer) => readLayer(registry, image, form, layer)));
  return [form === 'bundle' ? { kind: 'no-signature' } : bad('no signature in it')];
}

/** The layers that may hold what its form promises; a text says why nothing in it counts. Throws PortError. */
export async function layersOfCandidate(
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
): Promise<readonly Layer[] | string> {
  const stored = candidate.manifest ?? (await manifestOf(registry, image, candidate));
  const manifest = stored.bytes.byteLength > LIMITS.manifestSize ? undefined : jsonObject(stored.bytes);
  if (manifest === undefined) return 'its manifest is not JSON, or too large';
  const { tag, form } = candidate.artefact;
  if (tag === undefined && subjectOf(manifest) !== image.digest) return ELSEWHERE;
  const layers = layersOf(manifest);
  if (layers === undefined) return 'its manifest has malformed layers';
  if (layers.length > LIMITS.layers) return `more than ${LIMITS.layers} signatures in one artefact`;
  return layers.filter(({ mediaType }) =>
    form === 'bundle' ? BUNDLE_ARTIFACT.test(mediaType) : mediaType === (candidate.holds ?? SIMPLE_SIGNING),
  );
}

async function manifestOf(registry: RegistryReader, image: Image, { artefact }: Candidate): Promise<StoredManifest> {
  const stored = await (registry.remembered ?? registry).manifest(image.repository, artefact.digest);
  if (stored !== undefined) return stored;
  throw new PortError('manifest-unknown', `${registry.host} lists a signature that it does not have (yet)`, {
    retry: 'yes',
    expected: `${image.repository}@${artefact.digest}`,
    got: 'no such manifest',
  });
}

async function readLayer(
  registry: RegistryReader,
  image: Image,
  form: Candidate['artefact']['form'],
  layer: Layer,
): Promise<Reading> {
  const limit = form === 'bundle' ? LIMITS.bundleSize : LIMITS.payloadSize;
  if (layer.size > limit) return bad(`larger than ${limit} bytes`, 'too-large');
  const bytes = await (registry.remembered ?? registry).blob(image.repository, layer.digest, limit);
  return form === 'bundle' ? readBundle(bytes, image.digest) : readLegacy(bytes, layer.annotations, image.digest);
}

function subjectOf(manifest: Readonly<Record<string, unknown>>): unknown {
  return isRecord(manifest['subject']) ? manifest['subject']['digest'] : undefined;
}

/** Undefined when any of them is malformed. */
function layersOf(manifest: Readonly<Record<string, unknown>>): readonly Layer[] | undefined {
  const stated: unknown = manifest['layers'];
  if (!Array.isArray(stated)) return undefined;
  const layers = stated.flatMap((layer: unknown) => {
    if (!isRecord(layer)) return [];
    const { digest, mediaType, size, annotations } = layer;
    if (typeof digest !== 'string' || !isDigest(digest) || typeof mediaType !== 'string') return [];
    // sizes are added up before anything is fetched
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return [];
    return [{ digest, mediaType, size, annotations: isRecord(annotations) ? annotations : {} }];
  });
  return layers.length === stated.length ? layers : undefined;
}
