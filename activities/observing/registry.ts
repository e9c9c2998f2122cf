/** An environment's registry as an import would find it: what is there, whether the source answers, whether the nodes may pull. */
import type { StepAnswer, StepRequest } from '../../src/contract/activities.ts';
import type { ObserveRegistryAnswer } from '../../src/contract/observation-workflow.ts';
import { shortDigest } from '../../src/domain/digest.ts';
import { checkPullable } from '../pull.ts';
import { imageOf, sourceOf, taggedDigest, yes, type Zone } from '../zone.ts';
import { looked } from './looked.ts';
import { ownPlan } from './own-plan.ts';

export async function observeRegistry(zone: Zone, asked: StepRequest): Promise<ObserveRegistryAnswer> {
  const request = { ...asked, plan: ownPlan(zone, asked.plan) };
  const [imported, pull] = await Promise.all([
    looked(() => importOf(zone, request)),
    looked(() => pullOf(zone, request)),
  ]);
  return { import: imported, pull };
}

/** The plan has found out already that the tag is free there, or means this digest. */
async function importOf(zone: Zone, { plan }: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(plan);
  const { registry } = zone.ports;
  const what = `${repository}@${shortDigest(digest)}`;
  const [there, tagged, source] = await Promise.all([
    registry.manifest(repository, digest),
    taggedDigest(registry, repository, plan.version),
    sourceOf(zone, plan.source).manifest(repository, digest),
  ]);
  const readable =
    source === undefined
      ? `${plan.sourceRegistry} answers, and does not have it yet`
      : `${plan.sourceRegistry} serves it`;
  if (there === undefined)
    return yes(`would import ${what} by digest: ${readable}, ${registry.host} answers and does not have it`);
  const tag = tagged === undefined ? `, and would set the tag ${plan.version}` : '';
  return yes(`${registry.host} has ${what} already: would import nothing${tag}`);
}

/** What is not there yet cannot be pulled; that this identity is let in to look for it can be seen all the same. */
async function pullOf(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(request.plan);
  if ((await zone.ports.registry.manifest(repository, digest)) !== undefined) return checkPullable(zone, request);
  const { puller } = zone.ports;
  if (puller === undefined) return yes('no pull identity is configured: nothing more can be seen before it is there');
  await puller.manifest(repository, digest);
  return yes(`the cluster's own identity may read ${repository} in ${puller.host}; it is not there yet`);
}
