/** The steps that bring an image over, with what was said about it, and look at what arrived. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import { copyRefusal } from '../src/policy/image-policy.ts';
import type { Attempt } from './beating.ts';
import { provenanceOf } from './authors.ts';
import { ensureCopies, ensureCopy, type Imports } from './copies.ts';
import { artefactsOf, wantedSignatures } from './signatures.ts';
import { imageOf, no, sourceOf, taggedDigest, yes, type Zone } from './zone.ts';

export async function importImage(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const { repository, digest } = imageOf(plan);
  const done = await ensureCopy(zone, { source: plan.source, repository, digest, tag: plan.version }, attempt);
  return yes(done === 'there' ? `${plan.targetRegistry} had it already` : `imported into ${plan.targetRegistry}`, {
    registry: plan.targetRegistry,
    digest,
    tag: plan.version,
    effect: done,
  });
}

export async function verifyDigest(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(request.plan);
  const registry = zone.ports.registry;
  const found = (await registry.manifest(repository, digest))?.digest;
  const tagged = await taggedDigest(registry, repository, request.plan.version);
  const refusal = copyRefusal({ registry: registry.host, version: request.plan.version, digest, found, tagged });
  if (refusal !== undefined) return no(refusal);
  return yes(`${registry.host} holds exactly ${shortDigest(digest)}`, {
    registry: registry.host,
    digest,
    tag: request.plan.version,
  });
}

/** An import never brings what refers to the image: signatures and manifests are copied one by one, by digest. */
export async function copySignatures(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const image = imageOf(plan);
  const source = sourceOf(zone, plan.source);
  const signatures = artefactsOf(await zone.ports.signatures.verify(source, image, wantedSignatures(zone)));
  const provenance = (await provenanceOf(zone, source, plan)).map((one) => one.artefact);
  const manifests = { digest: parseDigest(plan.manifests) };
  const artefacts: readonly { digest: Digest; tag?: string }[] = [...signatures, ...provenance, manifests];
  const wanted = artefacts.map(({ digest, tag }) => {
    return { source: plan.source, repository: image.repository, digest, ...(tag === undefined ? {} : { tag }) };
  });
  await ensureCopies(zone, wanted, attempt);
  return yes(
    `${signatures.length} signature artefact${signatures.length === 1 ? '' : 's'} and the manifests are in ${plan.targetRegistry}`,
    {
      registry: plan.targetRegistry,
      signatures: signatures.map((one) => one.digest).join(' '),
      ...(provenance.length === 0 ? {} : { provenance: provenance.map((one) => one.digest).join(' ') }),
      manifests: plan.manifests,
    },
  );
}
