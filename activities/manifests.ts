/** Manifests by digest: from a registry to objects with the image set. Used by plan, apply and the way back. */
import type { PromotionPlan } from '../src/contract/plan.ts';
import { parseDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { formatImage } from '../src/domain/image-reference.ts';
import type { ManifestObject } from '../src/domain/manifest-object.ts';
import { LAYER_MEDIA_TYPE, unpackManifests } from '../src/manifests/artefact.ts';
import { renderManifests } from '../src/manifests/render.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';

/** Bytes of a packed manifest folder; large ones are a mistake. */
const LAYER_LIMIT = 4 * 1024 * 1024;

export type Manifests =
  | { readonly ok: true; readonly objects: readonly ManifestObject[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** `artefact` and `image` are digests: the promotion's own, or the previous ones on the way back. */
export async function readManifests(
  registry: RegistryReader,
  plan: PromotionPlan,
  artefact: string,
  image: string,
): Promise<Manifests> {
  const files = unpackManifests(await layerOf(registry, plan.image.repository, artefact));
  const rendered = renderManifests({
    files: await files,
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

async function layerOf(registry: RegistryReader, repository: string, artefact: string): Promise<Uint8Array> {
  const manifest = await registry.manifest(repository, parseDigest(artefact));
  if (manifest === undefined) {
    throw new PortError('manifests-missing', `${registry.host} has no manifest artefact ${repository}@${artefact}`, {
      retry: 'no',
      expected: artefact,
      got: 'no such manifest',
      remedy: 'start the release with "sluice start", which publishes the manifests beside the image',
    });
  }
  const { layers } = JSON.parse(new TextDecoder().decode(manifest.bytes)) as {
    layers?: { mediaType: string; digest: string }[];
  };
  const layer = layers?.find((one) => one.mediaType === LAYER_MEDIA_TYPE);
  if (layer === undefined) {
    throw new PortError('manifests-invalid', `${repository}@${artefact} holds no layer of type ${LAYER_MEDIA_TYPE}`, {
      retry: 'no',
    });
  }
  return registry.blob(repository, parseDigest(layer.digest), LAYER_LIMIT);
}
