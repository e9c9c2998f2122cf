/** Statements that do not count, each with the reason: nothing here is trusted, and nothing depends on it but words. */
import type { Image } from '../../../domain/image-reference.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { Unheard } from '../../../ports/signatures.ts';
import { lookInto } from './bundle-form.ts';
import { type Candidate, findStating } from './candidates.ts';
import { bundleIn } from './legacy-attestation.ts';
import { hear, type Judges, type Moment } from './judge.ts';
import { layersOfCandidate } from './read-candidate.ts';
import { LIMITS, SIGN_PREDICATE } from './wire.ts';

/** Throws PortError when the registry would not say. */
export async function findUnheard(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  predicateTypes: readonly string[],
  moment: Moment,
): Promise<readonly Unheard[]> {
  const found: Unheard[] = [];
  for (const candidate of await findStating(registry, image))
    found.push(...(await examine(judges, registry, image, candidate, predicateTypes, moment)));
  return found;
}

type Finding = Omit<Unheard, 'artefact'>;

async function examine(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
  predicateTypes: readonly string[],
  moment: Moment,
): Promise<readonly Unheard[]> {
  const { artefact } = candidate;
  const about = [...moment.about, { kind: 'digest' as const, digest: artefact.digest }];
  const layers = await layersOfCandidate(registry, image, candidate);
  if (typeof layers === 'string') return [{ artefact, reason: 'unreadable', why: layers }];
  const found: Unheard[] = [];
  const limit = LIMITS.attestationSize;
  for (const layer of layers) {
    if (layer.size > limit) {
      found.push({ artefact, reason: 'unreadable', why: `larger than ${limit} bytes` });
      continue;
    }
    const bytes = await (registry.remembered ?? registry).blob(image.repository, layer.digest, limit);
    const bundle = bundleIn(candidate, layer, bytes);
    const finding = await findingIn(bundle, judges, image, predicateTypes, { ...moment, about });
    if (finding !== undefined) found.push({ artefact, ...finding });
  }
  return found;
}

/** Undefined for a signature, and for what is heard. */
async function findingIn(
  bundle: Uint8Array | undefined,
  judges: Judges,
  image: Image,
  predicateTypes: readonly string[],
  moment: Moment,
): Promise<Finding | undefined> {
  const stated = bundle === undefined ? 'no DSSE envelope' : lookInto(bundle, image.digest);
  if (typeof stated === 'string') return { reason: 'unreadable', why: stated };
  const { predicateType, isOfImage, claim } = stated;
  if (predicateType === SIGN_PREDICATE) return undefined;
  if (!predicateTypes.includes(predicateType))
    return { reason: 'other-type', why: predicateType.slice(0, 200), predicateType };
  if (!isOfImage) return { reason: 'other-image', why: 'no subject of it is this digest', predicateType };
  const { yes, why, unknown } = await hear(judges, claim, moment);
  if (yes.length > 0) return undefined;
  if (unknown.length === 0) return { reason: 'untrusted', why, predicateType };
  return { reason: 'unreadable', why: `whether ${unknown[0]?.signer} made it cannot be found out`, predicateType };
}
