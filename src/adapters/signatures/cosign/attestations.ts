/** What trusted signers have stated about an image. Whoever else states something is not heard: an attestation decides nothing by itself. */
import type { Image } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { Attestation } from '../../../ports/signatures.ts';
import { readAttestation } from './bundle-form.ts';
import { type Candidate, findAttesting } from './candidates.ts';
import { bundleIn } from './legacy-attestation.ts';
import { hear, type Judges, type Moment } from './judge.ts';
import { type Layer, layersOfCandidate } from './read-candidate.ts';
import { LIMITS } from './wire.ts';

/** Throws PortError when the registry would not say, or something is too large to be read. */
export async function findAttestations(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  predicateTypes: readonly string[],
  moment: Moment,
): Promise<readonly Attestation[]> {
  const candidates = await findAttesting(registry, image, predicateTypes);
  const found = await Promise.all(
    candidates.map((one) => examine(judges, registry, image, one, predicateTypes, moment)),
  );
  return found.flat();
}

async function examine(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
  predicateTypes: readonly string[],
  moment: Moment,
): Promise<readonly Attestation[]> {
  const about = [...moment.about, { kind: 'digest' as const, digest: candidate.artefact.digest }];
  const layers = await layersOfCandidate(registry, image, candidate);
  if (typeof layers === 'string') return [];
  const found: Attestation[] = [];
  for (const layer of layers) {
    const bytes = await bytesOf(registry, image, layer);
    const bundle = bundleIn(candidate, layer, bytes);
    const attested = bundle === undefined ? undefined : readAttestation(bundle, image.digest, predicateTypes);
    if (attested === undefined) continue;
    const { claim, predicateType, predicate } = attested;
    const { yes, unknown } = await hear(judges, claim, { ...moment, about });
    const [first] = yes;
    // whoever cannot be known might be the one whose word is asked for
    if (first === undefined && unknown[0] !== undefined) throw unknown[0].error;
    if (first === undefined) continue;
    const signers = yes.map((one) => one.signer);
    found.push({ artefact: candidate.artefact, predicateType, predicate, by: first.by, signers });
  }
  return found;
}

function bytesOf(registry: RegistryReader, image: Image, { digest, size }: Layer): Promise<Uint8Array> {
  const limit = LIMITS.attestationSize;
  if (size <= limit) return registry.blob(image.repository, digest, limit);
  throw new PortError('registry-protocol', `an attestation of ${image.repository}@${image.digest} cannot be read`, {
    retry: 'no',
    expected: `at most ${limit} bytes`,
    got: `${size} bytes in ${digest}`,
    remedy: 'attest something smaller, or delete it if nobody needs it',
  });
}
