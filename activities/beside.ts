/** What goes with an image in the environment's own registry: the manifests of its index, and what refers to any of them. */
import type { Baseline, BesideBefore, PromotionPlan } from '../src/contract/plan.ts';
import type { Digest } from '../src/domain/digest.ts';
import { collectGraph } from '../src/referrers/collect.ts';
import type { Graph } from '../src/referrers/graph.ts';
import { imageOf, sourceOf, type Zone } from './zone.ts';

/** The image itself may not be there (any more): an index's manifests are then the ones that it has at its source. */
export async function besideHere(zone: Zone, plan: PromotionPlan): Promise<Graph> {
  const also = await ownManifests(zone, plan);
  return collectGraph(zone.ports.registry, imageOf(plan), { also, absent: 'skips' });
}

/** Observed before anything is done, so that undo takes away what was brought and nothing else. Empty where nothing is brought or locked. */
export async function besideBefore(zone: Zone, plan: PromotionPlan): Promise<Pick<Baseline, 'beside'>> {
  const isHome = plan.source === plan.environment;
  if (plan.rollback === true || (isHome && !plan.lockImages)) return {};
  const { root, nodes } = await besideHere(zone, plan);
  const digests = [...nodes.keys()].filter((digest) => digest !== root).toSorted();
  if (digests.length === 0) return {};
  return { beside: await Promise.all(digests.map((digest) => stateOf(zone, plan, digest))) };
}

async function stateOf(zone: Zone, plan: PromotionPlan, digest: Digest): Promise<BesideBefore> {
  const lock = await zone.ports.locks.read({ repository: plan.image.repository, digest });
  return { digest, ...(lock?.deletable === false ? { kept: true } : {}) };
}

async function ownManifests(zone: Zone, plan: PromotionPlan): Promise<readonly Digest[]> {
  const source = sourceOf(zone, plan.source);
  const image = imageOf(plan);
  const { nodes } = await collectGraph(source, image, { what: 'image', absent: 'skips' });
  return [...nodes.keys()].filter((digest) => digest !== image.digest);
}
