/** Resolving an image and planning its promotion: looks, decides, changes nothing. */
import type {
  MayPass,
  No,
  PlanAnswer,
  PlanRequest,
  ResolveAnswer,
  ResolveRequest,
} from '../src/contract/activities.ts';
import type { Baseline, PromotionPlan } from '../src/contract/plan.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { parseImageReference } from '../src/domain/image-reference.ts';
import type { ObjectRef } from '../src/domain/manifest-object.ts';
import { type EnvironmentRules, namespaceOf, type ServiceRules } from '../src/domain/rulebook.ts';
import { planPromotion, type PromotionAsked } from '../src/plan/plan-promotion.ts';
import { isLocked, versionRefusal } from '../src/policy/image-policy.ts';
import { environmentOf, serviceOf } from '../src/policy/journey-policy.ts';
import { withAuthors, withAuthorsIfSeen } from './authors.ts';
import { changesOf } from './changes.ts';
import { knownForRollback } from './known-good.ts';
import { rehearse } from './rehearsal.ts';
import { readRecord } from './remembered.ts';
import { imageOf, taggedDigest, type Zone } from './zone.ts';

/** Reference → digest, in the registry where the image was pushed; the version must be free or mean this digest. */
export async function resolveImage(zone: Zone, request: ResolveRequest): Promise<ResolveAnswer> {
  const registry = zone.ports.registry;
  const reference = parseImageReference(request.image);
  const service = serviceOf(zone.rulebook, request.service);
  if (!service.ok) return service;
  if (reference.repository !== service.value.repository) {
    return refuse({
      code: 'reference-malformed',
      message: `${request.service} is released from repository ${service.value.repository}`,
      expected: service.value.repository,
      got: reference.repository,
      remedy: 'release the image of that repository, or change services.<service>.repository',
    });
  }
  const wanted = reference.digest ?? { tag: reference.tag ?? '' };
  const manifest = await registry.manifest(reference.repository, wanted);
  if (manifest === undefined) {
    return refuse({
      code: 'image-not-found',
      message: `${registry.host} has no ${request.image}`,
      expected: 'an image that was pushed before the release starts',
      got: 'no such manifest',
      remedy: `push the image to ${registry.host}, then start the release again under this version`,
    });
  }
  const tagged = await taggedDigest(registry, reference.repository, request.version);
  const taken = versionRefusal({
    registry: registry.host,
    repository: reference.repository,
    version: request.version,
    digest: manifest.digest,
    tagged,
  });
  if (taken !== undefined) return refuse(taken);
  return { ok: true, image: { repository: reference.repository, digest: manifest.digest } };
}

/** The plan, its digest, and what it would replace. Refuses what can be known to fail before anybody is asked. */
export async function makePlan(zone: Zone, request: PlanRequest, signal: AbortSignal): Promise<PlanAnswer> {
  const service = serviceOf(zone.rulebook, request.service);
  if (!service.ok) return service;
  const target = environmentOf(zone.rulebook, request.environment);
  if (!target.ok) return target;
  const source = environmentOf(zone.rulebook, request.source);
  if (!source.ok) return source;
  const back = await goingBack(zone, request, namespaceOf(service.value, target.value.name));
  if (!back.ok) return back;
  const plan = planPromotion({
    service: service.value,
    version: request.version,
    target: target.value,
    source: source.value,
    image: request.image,
    manifests: request.manifests,
    policyVersion: zone.rulebook.policyVersion,
    ...(back.rollback === undefined ? {} : { rollback: back.rollback }),
  });
  const tagged = await taggedDigest(zone.ports.registry, plan.image.repository, plan.version);
  const taken = versionRefusal({
    registry: plan.targetRegistry,
    repository: plan.image.repository,
    version: plan.version,
    digest: plan.image.digest,
    tagged,
  });
  if (taken !== undefined) return refuse(taken);
  const rehearsed = request.manifestsPublished ? await rehearse(zone, plan, signal) : undefined;
  if (rehearsed?.ok === false) return rehearsed;
  const baseline = await observe(zone, plan, tagged, rehearsed?.existing ?? []);
  const [authored, changes] = await Promise.all([
    request.manifestsPublished ? withAuthors(zone, plan) : withAuthorsIfSeen(zone, plan),
    rehearsed && changesOf(zone, plan, rehearsed, baseline.current),
  ]);
  if (!authored.ok) return authored;
  const whole = onTopOf(authored.plan, baseline);
  const evidence = { mayPass: mayPassIn(target.value), ...(changes === undefined ? {} : { changes }) };
  const soaksIn = plan.rollback === true ? [] : soaksOf(target.value, service.value);
  const asking = soaksIn.length === 0 ? {} : { soaksIn };
  return { ok: true, plan: whole, planDigest: digestOfJson(whole), baseline, ...evidence, ...asking };
}

/** Not part of the plan itself: the policy's version is, and with it who they are. */
function mayPassIn({ overrides = {} }: EnvironmentRules): MayPass {
  return Object.fromEntries(Object.entries(overrides).map(([kind, { from }]) => [kind, from]));
}

/** Where the service never comes, there is nobody to ask. */
function soaksOf({ name, gates = [] }: EnvironmentRules, { path }: ServiceRules): readonly string[] {
  const asked = gates.flatMap((gate) => (gate.kind === 'soak' ? [gate.in] : []));
  return [...new Set(asked)].filter((one) => one !== name && path.includes(one));
}

type GoingBack = { readonly ok: true; readonly rollback?: NonNullable<PromotionAsked['rollback']> } | No;

/** Nothing but the zone's own memory makes a roll-back of it. */
async function goingBack(zone: Zone, request: PlanRequest, namespace: string): Promise<GoingBack> {
  if (request.rollback !== true) return { ok: true };
  const answer = await knownForRollback(zone, namespace, request);
  if (!answer.ok) return answer;
  const { awayFrom, rehearsal } = request;
  const runs = awayFrom === undefined ? undefined : (await readRecord(zone, namespace, request.service))?.version;
  if (runs !== awayFrom) return refuse(wentOn(request, runs));
  const { rolledBackAt } = answer.known;
  const before = rolledBackAt === undefined ? {} : { rolledBackAt };
  const away = awayFrom === undefined ? {} : { awayFrom };
  return { ok: true, rollback: { ...before, ...away, ...(rehearsal === true ? { rehearsal } : {}) } };
}

/** "Back" was said of another version: going there from here would take away one that nobody complained about. */
function wentOn({ service, version, environment, awayFrom = 'nothing' }: PlanRequest, runs = 'nothing'): Refusal {
  return {
    code: 'command-not-possible',
    message: `${environment} runs ${service} ${runs} by now, and the roll-back was to lead away from ${awayFrom}`,
    expected: awayFrom,
    got: runs,
    remedy: `ask for the roll-back again, or name where it goes: "--to ${version}"`,
  };
}

/** Where the rule says so, what is replaced is part of what people approve: another version there is another plan. */
function onTopOf(plan: PromotionPlan, { current }: Baseline): PromotionPlan {
  if (plan.approval?.voidOn?.includes('baseline') !== true) return plan;
  return { ...plan, onTopOf: current === undefined ? 'nothing' : `${current.workflowId} (${current.image.digest})` };
}

async function observe(
  zone: Zone,
  plan: PromotionPlan,
  tagged: string | undefined,
  existing: readonly ObjectRef[],
): Promise<Baseline> {
  const { repository, digest } = imageOf(plan);
  const manifest = await zone.ports.registry.manifest(repository, digest);
  const lock = manifest === undefined ? undefined : await zone.ports.locks.read({ repository, digest });
  const current = await readRecord(zone, plan.namespace, plan.service);
  return {
    ...(current === undefined ? {} : { current }),
    imagePresent: manifest !== undefined,
    tagPresent: tagged === digest,
    imageLocked: isLocked(lock),
    existing,
  };
}

function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
