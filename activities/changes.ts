/** What people see of the manifests beside the plan: what changes against those of the version that runs now. */
import type { PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import type { ManifestChanges } from '../src/domain/manifest-change.ts';
import type { ManifestObject } from '../src/domain/manifest-object.ts';
import { plainText } from '../src/domain/plain-text.ts';
import { manifestChanges } from '../src/manifests/changes.ts';
import { PortError } from '../src/ports/port-error.ts';
import { type Manifests, readApplied } from './manifests.ts';
import type { Zone } from './zone.ts';

/** Never in the way of the plan: what cannot be read is said instead. */
export async function changesOf(
  zone: Zone,
  plan: PromotionPlan,
  objects: readonly ManifestObject[],
  current: PromotionRecord | undefined,
): Promise<ManifestChanges> {
  if (current === undefined) return manifestChanges([], objects);
  const previous = isApplied(plan, current) ? { ok: true as const, objects } : await appliedBy(zone, plan, current);
  if (previous.ok) return manifestChanges(previous.objects, objects, current.version);
  const unknown = plainText(previous.refusal.message, 300);
  return { against: current.version, unknown, objects: [], same: 0, more: 0 };
}

function isApplied({ image, manifests }: PromotionPlan, current: PromotionRecord): boolean {
  return manifests === current.manifests && image.digest === current.image.digest;
}

async function appliedBy(zone: Zone, plan: PromotionPlan, current: PromotionRecord): Promise<Manifests> {
  try {
    return await readApplied(zone.ports.registry, plan, current);
  } catch (error) {
    const message =
      error instanceof PortError ? error.message : `the manifests of ${current.version} could not be read`;
    return { ok: false, refusal: { code: 'manifests-missing', message } };
  }
}
