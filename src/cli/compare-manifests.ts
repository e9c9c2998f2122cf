/**
 * What a release that has not begun would change in each environment's manifests. Its own are only on this machine yet, so they are
 * compared here: the previous ones are in the registry where the path begins, under the same digest as everywhere else.
 */
import type { PlannedPromotion } from '../contract/plan.ts';
import type { ForecastResult } from '../contract/release-workflow.ts';
import { parseDigest } from '../domain/digest.ts';
import { formatImage } from '../domain/image-reference.ts';
import type { ManifestChanges } from '../domain/manifest-change.ts';
import { manifestChanges } from '../manifests/changes.ts';
import type { ManifestFile } from '../manifests/manifest-file.ts';
import { type Rendered, renderManifests } from '../manifests/render.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { publishedManifests } from './published-manifests.ts';

/** The forecast with the changes in each plan that comes without them. */
export async function withChanges(
  result: ForecastResult,
  files: readonly ManifestFile[],
  registry: RegistryReader,
): Promise<ForecastResult> {
  const promotions = result.promotions.map(async ({ environment, answer }) => {
    if (!answer.ok || answer.changes !== undefined) return { environment, answer };
    return { environment, answer: { ...answer, changes: await changesOf(answer, files, registry) } };
  });
  return { ...result, promotions: await Promise.all(promotions) };
}

async function changesOf(
  planned: PlannedPromotion,
  files: readonly ManifestFile[],
  registry: RegistryReader,
): Promise<ManifestChanges> {
  const { current } = planned.baseline;
  const next = rendered(planned, files, planned.plan.image.digest);
  if (!next.ok) return unknown(current?.version, 'these manifests cannot be read for it');
  if (current === undefined) return manifestChanges([], next.objects);
  try {
    const { image, manifests } = current;
    const files = await publishedManifests(registry, image.repository, parseDigest(manifests), image.digest);
    const previous = rendered(planned, files, image.digest);
    if (previous.ok) return manifestChanges(previous.objects, next.objects, current.version);
    return unknown(current.version, `the manifests of ${current.version} cannot be read any more`);
  } catch (error) {
    return unknown(current.version, error instanceof Error ? error.message : String(error));
  }
}

function unknown(against: string | undefined, why: string): ManifestChanges {
  return { ...(against === undefined ? {} : { against }), unknown: why, objects: [], same: 0, more: 0 };
}

function rendered({ plan }: PlannedPromotion, files: readonly ManifestFile[], digest: string): Rendered {
  const { repository } = plan.image;
  return renderManifests({
    files,
    environment: plan.environment,
    namespace: plan.namespace,
    repository,
    image: formatImage({ repository, digest: parseDigest(digest) }, plan.targetRegistry),
    workloads: [],
    // how they differ is asked here; whether they may be applied is asked elsewhere
    rules: 'judged-before',
  });
}
