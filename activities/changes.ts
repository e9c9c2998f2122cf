/** What people see of the manifests beside the plan: what would change in the cluster, or else against the manifests of the version that runs now. */
import type { PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import type { ManifestChanges } from '../src/domain/manifest-change.ts';
import { plainText } from '../src/domain/plain-text.ts';
import { manifestChanges } from '../src/manifests/changes.ts';
import { clusterChanges } from '../src/manifests/in-the-cluster.ts';
import { PortError } from '../src/ports/port-error.ts';
import { type Manifests, readApplied } from './manifests.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Zone } from './zone.ts';

const LONGEST_NOTE = 400;

/** Never in the way of the plan: what cannot be read is said instead. */
export async function changesOf(
  zone: Zone,
  plan: PromotionPlan,
  { objects, tried }: Rehearsal,
  current: PromotionRecord | undefined,
): Promise<ManifestChanges> {
  const previous = await previousOf(zone, plan, objects, current);
  const against = current === undefined ? {} : { against: current.version };
  const unread = previous.ok ? undefined : previous.refusal.message;
  if (!(tried instanceof PortError)) {
    const changes = clusterChanges(tried, previous.ok ? previous.objects : []);
    const why = `the manifests of ${current?.version} cannot be read, so what is stated no more, or was taken away, is not known: ${unread}`;
    const notes = unread === undefined ? {} : { notes: [plainText(why, LONGEST_NOTE)] };
    return { inCluster: zone.now().toISOString(), ...notes, ...against, ...changes };
  }
  const { code, message, remedy } = tried;
  const why = `what stands in the cluster could not be compared (${code}): ${message}${remedy === undefined ? '' : `; ${remedy}`}`;
  const notes = [plainText(why, LONGEST_NOTE)];
  if (previous.ok) return { notes, ...manifestChanges(previous.objects, objects, current?.version) };
  return { notes, ...against, unknown: plainText(unread ?? '', LONGEST_NOTE), objects: [], same: 0, more: 0 };
}

async function previousOf(
  zone: Zone,
  plan: PromotionPlan,
  objects: Rehearsal['objects'],
  current: PromotionRecord | undefined,
): Promise<Manifests> {
  if (current === undefined) return { ok: true, objects: [] };
  return isApplied(plan, current) ? { ok: true, objects } : appliedBy(zone, plan, current);
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
