/** The image where it lies before a release has travelled: whether it would pass an environment's proofs, and could be copied whole. */
import type { StepAnswer } from '../../src/contract/activities.ts';
import type { ObserveImageAnswer, ObserveImageRequest } from '../../src/contract/observation-workflow.ts';
import { parseDigest } from '../../src/domain/digest.ts';
import type { Image } from '../../src/domain/image-reference.ts';
import type { ProofRules, ProofVerdict } from '../../src/domain/proof.ts';
import type { RegistryReader } from '../../src/ports/registry-reader.ts';
import { proveImage } from '../../src/proofs/prove-image.ts';
import { proveManifests } from '../../src/proofs/prove-manifests.ts';
import { collectGraph } from '../../src/referrers/collect.ts';
import { besides } from '../../src/referrers/graph.ts';
import { refusing, TOO_MUCH } from '../failures.ts';
import { missingParts, notPullable } from '../pull.ts';
import { judgedBy } from '../signatures.ts';
import { sourceOf, yes, type Zone } from '../zone.ts';
import { looked } from './looked.ts';

export async function observeImage(zone: Zone, request: ObserveImageRequest): Promise<ObserveImageAnswer> {
  const registry = sourceOf(zone, request.at);
  const image: Image = { repository: request.image.repository, digest: parseDigest(request.image.digest) };
  if ((await registry.manifest(image.repository, image.digest)) === undefined)
    return { found: false, registry: registry.host };
  const [proofs, content] = await Promise.all([
    looked(() => proofsOf(zone, registry, image, request)),
    looked(() => contentOf(registry, image)),
  ]);
  return { found: true, registry: registry.host, proofs, content };
}

/** By the rules of the environment that it would enter. The records of environments before it do not exist yet, and are not asked for. */
async function proofsOf(
  zone: Zone,
  registry: RegistryReader,
  image: Image,
  { rulesOf, manifests }: ObserveImageRequest,
): Promise<StepAnswer> {
  const proofs: Partial<ProofRules> = zone.rulebook.environments[rulesOf]?.proofs ?? {};
  const { records = [], ...rules } = proofs;
  const { signatures } = zone.ports;
  const judged = await refusing(async () => {
    const proven = await proveImage(signatures, { registry, image, rules, at: zone.now() });
    return judgedBy(registry, proven, async (): Promise<readonly ProofVerdict[]> => {
      if (rules.manifests === undefined) return [];
      const artefact = { repository: image.repository, digest: parseDigest(manifests) };
      return [await proveManifests(signatures, { registry, artefact, wanted: rules.manifests })];
    });
  }, TOO_MUCH);
  if (!('answer' in judged)) return judged;
  const { answer } = judged;
  if (!answer.ok || records.length === 0) return answer;
  const assumed = records.map((one) => one.of).join(' and ');
  return { ...answer, summary: `${answer.summary}; the record of ${assumed} would be made on the way` };
}

async function contentOf(registry: RegistryReader, image: Image): Promise<StepAnswer> {
  return refusing(async () => {
    const graph = await collectGraph(registry, image);
    const missing: string[] = [];
    const blobs = await missingParts(registry, image.repository, image.digest, missing);
    if (missing.length > 0)
      return notPullable(registry, image.repository, image.digest, `missing: ${missing.join(', ')}`);
    const count = besides(graph).length;
    return yes(`${registry.host} has all of it: ${blobs} blobs, and ${count} that refer to it`, {
      registry: registry.host,
      blobs: String(blobs),
      referrers: String(count),
    });
  });
}
