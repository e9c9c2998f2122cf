/** Finding the signature artefacts of an image: bundles and legacy layers among its referrers, and the legacy tag. */
import type { Image } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Descriptor, RegistryReader, StoredManifest } from '../../../ports/registry-reader.ts';
import type { SignatureArtefact } from '../../../ports/signatures.ts';
import {
  BUNDLE_ARTIFACT,
  DSSE_ENVELOPE,
  LEGACY_ARTIFACT,
  LEGACY_ATTESTATION_ARTIFACT,
  legacyAttestationTag,
  legacyTag,
  LIMITS,
  PREDICATE_ANNOTATION,
  SIGN_PREDICATE,
} from './wire.ts';

export interface Candidate {
  readonly artefact: SignatureArtefact;
  /** Already read for the legacy tag, whose digest only the manifest tells. */
  readonly manifest?: StoredManifest;
  /** Media type of the layers that a legacy artefact is looked at for; undefined: signatures. */
  readonly holds?: string;
}

/** Throws PortError when the registry would not say, or holds more than anybody needs. */
export async function findCandidates(registry: RegistryReader, image: Image): Promise<readonly Candidate[]> {
  const tag = legacyTag(image.digest);
  const [referrers, tagged] = await Promise.all([
    registry.referrers(image.repository, image.digest),
    registry.manifest(image.repository, { tag }),
  ]);
  const referring = referrers.flatMap(candidateOf);
  const legacy = tagged === undefined ? [] : [taggedCandidate(tagged, tag)];
  const untagged = referring.filter(({ artefact }) => artefact.digest !== tagged?.digest);
  if (untagged.length + legacy.length > LIMITS.artefacts)
    throw tooMany(registry, image, untagged.length + legacy.length);
  return [...untagged, ...legacy];
}

/** What may hold statements of these types. Throws as {@link findCandidates}. */
export async function findAttesting(
  registry: RegistryReader,
  image: Image,
  predicateTypes: readonly string[],
): Promise<readonly Candidate[]> {
  const { referrers, tagged } = await attestedBeside(registry, image);
  const found = [...referrers.flatMap((one) => attestingOf(one, predicateTypes)), ...tagged];
  if (found.length > LIMITS.artefacts) throw tooMany(registry, image, found.length);
  return found;
}

/** What may hold any statement: as many as are looked at, for whoever only wants to say what is there. */
export async function findStating(registry: RegistryReader, image: Image): Promise<readonly Candidate[]> {
  const { referrers, tagged } = await attestedBeside(registry, image);
  const found = referrers.filter((one) => one.annotations?.[PREDICATE_ANNOTATION] !== SIGN_PREDICATE);
  return [...tagged, ...found.flatMap(({ annotations: _, ...one }) => attestingOf(one, []))].slice(0, LIMITS.artefacts);
}

async function attestedBeside(
  registry: RegistryReader,
  image: Image,
): Promise<{ readonly referrers: readonly Descriptor[]; readonly tagged: readonly Candidate[] }> {
  const tag = legacyAttestationTag(image.digest);
  const [referrers, manifest] = await Promise.all([
    registry.referrers(image.repository, image.digest),
    registry.manifest(image.repository, { tag }),
  ]);
  if (manifest === undefined) return { referrers, tagged: [] };
  const untagged = referrers.filter(({ digest }) => digest !== manifest.digest);
  return { referrers: untagged, tagged: [{ ...taggedCandidate(manifest, tag), holds: DSSE_ENVELOPE }] };
}

function attestingOf(referrer: Descriptor, predicateTypes: readonly string[]): readonly Candidate[] {
  const { digest, artifactType } = referrer;
  return artifactType === LEGACY_ATTESTATION_ARTIFACT
    ? [{ artefact: { digest, form: 'legacy' }, holds: DSSE_ENVELOPE }]
    : bundleOf(referrer, predicateTypes);
}

function candidateOf(referrer: Descriptor): readonly Candidate[] {
  const { digest, artifactType } = referrer;
  return artifactType === LEGACY_ARTIFACT
    ? [{ artefact: { digest, form: 'legacy' } }]
    : bundleOf(referrer, [SIGN_PREDICATE]);
}

/** A registry may leave out `artifactType` and annotations (some do); such a referrer is looked at rather than overlooked. */
function bundleOf(
  { digest, artifactType, annotations }: Descriptor,
  predicateTypes: readonly string[],
): readonly Candidate[] {
  if (artifactType !== undefined && artifactType !== '' && !BUNDLE_ARTIFACT.test(artifactType)) return [];
  const predicate = annotations?.[PREDICATE_ANNOTATION];
  if (predicate !== undefined && !predicateTypes.includes(predicate)) return [];
  return [{ artefact: { digest, form: 'bundle' } }];
}

function taggedCandidate(manifest: StoredManifest, tag: string): Candidate {
  return { artefact: { digest: manifest.digest, tag, form: 'legacy' }, manifest };
}

function tooMany(registry: RegistryReader, image: Image, count: number): PortError {
  return new PortError(
    'registry-protocol',
    `too many signatures on ${image.repository}@${image.digest} in ${registry.host}`,
    {
      retry: 'no',
      expected: `at most ${LIMITS.artefacts} signature artefacts`,
      got: `${count}`,
      remedy: 'find out who pushes them, and delete those that nobody needs',
    },
  );
}
