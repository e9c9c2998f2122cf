/** Manifests by digest: from a registry to objects with the image set. Used by plan, apply and the way back. */
import type { PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import { parseDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { formatImage } from '../src/domain/image-reference.ts';
import type { ManifestObject } from '../src/domain/manifest-object.ts';
import { LARGEST_LAYER, readArtefactManifest, unpackManifests } from '../src/manifests/artefact.ts';
import { renderManifests } from '../src/manifests/render.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';

export type Manifests =
  | { readonly ok: true; readonly objects: readonly ManifestObject[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** What a version that ran here has applied: it was judged then, by the workloads that the service had then. */
export function readApplied(
  registry: RegistryReader,
  plan: PromotionPlan,
  { manifests, image }: Pick<PromotionRecord, 'manifests' | 'image'>,
): Promise<Manifests> {
  return readManifests(registry, { ...plan, workloads: [] }, manifests, image.digest);
}

/** `artefact` and `image` are digests. */
export async function readManifests(
  registry: RegistryReader,
  plan: PromotionPlan,
  artefact: string,
  image: string,
): Promise<Manifests> {
  const files = await unpackManifests(await layerOf(registry, plan.image.repository, artefact, image));
  const rendered = renderManifests({
    files,
    environment: plan.environment,
    namespace: plan.namespace,
    repository: plan.image.repository,
    image: formatImage({ repository: plan.image.repository, digest: parseDigest(image) }, plan.targetRegistry),
    workloads: plan.workloads,
  });
  if (rendered.ok) return rendered;
  const got = rendered.problems.map((one) => `${one.where}: ${one.message}`).join('; ');
  const message = `${rendered.problems.length} problem${rendered.problems.length === 1 ? '' : 's'} in the manifests of ${plan.service} for ${plan.environment}`;
  return {
    ok: false,
    refusal: { code: 'manifests-invalid', message, got, remedy: 'correct the files and start a new version' },
  };
}

/** The artefact must belong to the image: whoever may push to the repository could otherwise pair an image with any manifests. */
async function layerOf(
  registry: RegistryReader,
  repository: string,
  artefact: string,
  image: string,
): Promise<Uint8Array> {
  const stored = await registry.manifest(repository, parseDigest(artefact));
  if (stored === undefined) {
    throw new PortError('manifests-missing', `${registry.host} has no manifest artefact ${repository}@${artefact}`, {
      retry: 'no',
      expected: artefact,
      got: 'no such manifest',
      remedy: 'start the release with "sluice start", which publishes the manifests beside the image',
    });
  }
  const { layer, subject } = readArtefactManifest(stored.bytes);
  if (subject !== image) {
    throw new PortError(
      'manifests-invalid',
      `manifest artefact ${repository}@${artefact} does not refer to this image`,
      {
        retry: 'no',
        expected: image,
        got: subject ?? 'no subject',
        remedy: 'publish the manifests with "sluice start" for exactly this image',
      },
    );
  }
  return registry.blob(repository, layer.digest, LARGEST_LAYER);
}
