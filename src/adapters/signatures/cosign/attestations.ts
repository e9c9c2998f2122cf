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
  const layers = await Promise.all(
    candidates.map(async (candidate): Promise<readonly Place[]> => {
      const found = await layersOfCandidate(registry, image, candidate);
      return typeof found === 'string' ? [] : found.map((layer) => ({ candidate, layer }));
    }),
  );
  const places = layers.flat();
  mustBeReadable(image, places);
  const asked = { judges, image, predicateTypes, moment };
  const heard = await Promise.all(
    places.map(async ({ candidate, layer }) => {
      const bytes = await (registry.remembered ?? registry).blob(image.repository, layer.digest, layer.size);
      return attestationIn(asked, candidate, bundleIn(candidate, layer, bytes));
    }),
  );
  return heard.filter((one) => one !== undefined);
}

/** One place where something may be stated. */
interface Place {
  readonly candidate: Candidate;
  readonly layer: Layer;
}

interface Asked {
  readonly judges: Judges;
  readonly image: Image;
  readonly predicateTypes: readonly string[];
  readonly moment: Moment;
}

/** Undefined for what is not stated of this image, or by nobody who is known. */
async function attestationIn(
  { judges, image, predicateTypes, moment }: Asked,
  { artefact }: Candidate,
  bundle: Uint8Array | undefined,
): Promise<Attestation | undefined> {
  const attested = bundle === undefined ? undefined : readAttestation(bundle, image.digest, predicateTypes);
  if (attested === undefined) return undefined;
  const { claim, predicateType, predicate } = attested;
  const about = [...moment.about, { kind: 'digest' as const, digest: artefact.digest }];
  const { yes, unknown } = await hear(judges, claim, { ...moment, about });
  const [first] = yes;
  // whoever cannot be known might be the one whose word is asked for
  if (first === undefined && unknown[0] !== undefined) throw unknown[0].error;
  if (first === undefined) return undefined;
  const heard = { artefact, predicateType, predicate, by: first.by, signers: yes.map((one) => one.signer) };
  return unknown.length === 0 ? heard : { ...heard, unsure: unknown };
}

/** As the manifests say it, before a byte is fetched; no blob is longer than its manifest says. */
function mustBeReadable(image: Image, places: readonly Place[]): void {
  const large = places.find(({ layer }) => layer.size > LIMITS.attestationSize)?.layer;
  if (large !== undefined) throw tooLarge(image, LIMITS.attestationSize, `${large.size} bytes in ${large.digest}`);
  const all = places.reduce((sum, { layer }) => sum + layer.size, 0);
  if (all > LIMITS.attestedSize) throw tooLarge(image, LIMITS.attestedSize, `${all} bytes in ${places.length} of them`);
}

function tooLarge({ repository, digest }: Image, limit: number, got: string): PortError {
  return new PortError('registry-protocol', `what is attested of ${repository}@${digest} is too large to be read`, {
    retry: 'no',
    expected: `at most ${limit} bytes`,
    got,
    remedy: 'attest something smaller, or delete what nobody needs',
  });
}
