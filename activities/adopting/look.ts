/**
 * What a service is that runs in this environment without Sluice, and everything at once that is missing before it can be managed. Only
 * looks: the manifests are tried with a dry run, as a promotion does before anybody is asked.
 */
import type {
  Adoption,
  AdoptionPoint,
  AdoptionReport,
  AdoptionRequest,
  Found,
} from '../../src/contract/adoption-workflow.ts';
import type { PromotionPlan, WireImage } from '../../src/contract/plan.ts';
import { digestOfJson } from '../../src/content/digest-of.ts';
import { shortDigest } from '../../src/domain/digest.ts';
import { isVersion } from '../../src/domain/names.ts';
import type { ErrorCode, Refusal } from '../../src/domain/error-code.ts';
import { formatRef, refOf } from '../../src/domain/manifest-object.ts';
import { type EnvironmentRules, namespaceOf, type ServiceRules } from '../../src/domain/rulebook.ts';
import { firstRefusal } from '../../src/domain/proofs-in-words.ts';
import { planPromotion } from '../../src/plan/plan-promotion.ts';
import { isLocked, versionRefusal } from '../../src/policy/image-policy.ts';
import { environmentOf, serviceOf } from '../../src/policy/journey-policy.ts';
import { changesOf } from '../changes.ts';
import { hasEnded } from '../desks.ts';
import { insideOf } from '../recall.ts';
import { rehearse } from '../rehearsal.ts';
import { readAdmission, readRecord } from '../remembered.ts';
import { judgeImage, proven } from '../signatures.ts';
import { imageOf, taggedDigest, type Zone } from '../zone.ts';
import { pointOf, tellDifferences } from './points.ts';
import { type Running, whatRuns } from './running.ts';

export async function lookToAdopt(zone: Zone, request: AdoptionRequest, signal: AbortSignal): Promise<AdoptionReport> {
  const { service: name, environment } = request;
  const bare = { service: name, environment, workloads: [] };
  const service = serviceOf(zone.rulebook, name);
  if (!service.ok) return whole(bare, [pointOf('service', service.refusal)]);
  const target = environmentOf(zone.rulebook, environment);
  if (!target.ok) return whole(bare, [pointOf('service', target.refusal)]);
  if (!service.value.path.includes(environment)) return whole(bare, [notOnPath(service.value, environment)]);
  const namespace = namespaceOf(service.value, environment);
  const [running, standing] = await Promise.all([
    whatRuns(zone, service.value, namespace, signal),
    management(zone, namespace, name),
  ]);
  const version = await versionOf(zone, request, running);
  const { image, workloads } = running;
  const found: Found = {
    ...{ service: name, environment, namespace, workloads },
    ...(version === undefined ? {} : { version }),
    ...(image === undefined ? {} : { image }),
    ...(request.manifests === undefined ? {} : { manifests: request.manifests }),
    ...(standing.managed === undefined ? {} : { managed: standing.managed }),
  };
  const points = [...running.points, ...standing.points];
  if (image === undefined)
    return whole(found, [...points, ...(request.manifests === undefined ? [unpublished(name, environment)] : [])]);
  const rules = { service: service.value, target: target.value };
  return lookOn(zone, { request, rules, image, version, found, points }, signal);
}

interface Sight {
  readonly request: AdoptionRequest;
  readonly rules: { readonly service: ServiceRules; readonly target: EnvironmentRules };
  readonly image: WireImage;
  readonly version: string | undefined;
  readonly found: Found;
  readonly points: readonly AdoptionPoint[];
}

/** Once it is known what runs: its name, its proofs, its manifests. */
async function lookOn(zone: Zone, sight: Sight, signal: AbortSignal): Promise<AdoptionReport> {
  const { request, version, found } = sight;
  const plan = planOf(zone, sight);
  const manifests = request.manifests;
  const [named, locks, proofs, tried] = await Promise.all([
    namePoints(zone, plan, version),
    lockPoints(zone, plan),
    proofsOf(zone, plan, manifests !== undefined),
    manifests === undefined ? undefined : rehearse(zone, plan, signal),
  ]);
  const signed = 'signed' in proofs ? { signed: proofs.signed } : {};
  const points = [
    ...sight.points,
    ...named,
    ...locks,
    ...('refusal' in proofs ? [unprovenPoint(plan, proofs.refusal)] : []),
  ];
  if (manifests === undefined)
    return whole({ ...found, ...signed }, [...points, unpublished(request.service, request.environment)]);
  if (tried === undefined || !tried.ok)
    return whole({ ...found, ...signed }, [
      ...points,
      ...(tried === undefined ? [] : [pointOf('manifests', tried.refusal)]),
    ]);
  const { inCluster: _, ...changes } = await changesOf(zone, plan, tried, undefined);
  const report = whole({ ...found, ...signed, changes }, [...points, ...tellDifferences(changes)]);
  if (version === undefined || report.points.some(({ blocks }) => blocks)) return report;
  const unproven: readonly ErrorCode[] = 'refusal' in proofs ? [proofs.refusal.code] : [];
  const adoption: Adoption = {
    ...{ format: 1, kind: 'adoption', service: plan.service, version, environment: plan.environment },
    ...{ namespace: plan.namespace, registry: plan.targetRegistry, image: sight.image, manifests },
    workloads: found.workloads,
    objects: tried.objects.map((one) => refOf(one, plan.namespace)),
    unproven,
    differs: changes.objects.map(
      (one) => `${formatRef(one.ref)} ${one.change} ${shortDigest(digestOfJson(withoutOwners(one)))}`,
    ),
    policyVersion: plan.policyVersion,
  };
  return { ...report, adoption, found: digestOfJson(adoption) };
}

/** When somebody wrote last is no part of what stands there. */
function withoutOwners({ values, ...change }: NonNullable<Found['changes']>['objects'][number]): object {
  return { ...change, values: values.map(({ foreign: _, ...value }) => value) };
}

/** A roll-back to it, as it would be planned. */
function planOf(zone: Zone, { request, rules, image, version }: Sight): PromotionPlan {
  const { service, target } = rules;
  const { manifests = '' } = request;
  const { policyVersion } = zone.rulebook;
  return planPromotion({
    service,
    target,
    source: target,
    image,
    manifests,
    policyVersion,
    version: version ?? 'unnamed',
    rollback: {},
  });
}

async function versionOf(
  { ports: { registry } }: Zone,
  request: AdoptionRequest,
  running: Running,
): Promise<string | undefined> {
  if (request.version !== undefined) return request.version;
  const { tag, image } = running;
  if (tag === undefined || image === undefined || !isVersion(tag) || tag === 'latest') return undefined;
  return (await taggedDigest(registry, image.repository, tag)) === image.digest ? tag : undefined;
}

async function namePoints(
  zone: Zone,
  plan: PromotionPlan,
  version: string | undefined,
): Promise<readonly AdoptionPoint[]> {
  if (version === undefined) return [nameless()];
  const { repository, digest } = plan.image;
  const { host } = zone.ports.registry;
  const tagged = await taggedDigest(zone.ports.registry, repository, version);
  const taken = versionRefusal({ registry: host, repository, version, digest, tagged });
  if (taken !== undefined) return [pointOf('version', { ...taken, remedy: 'adopt it under a version of its own' })];
  return tagged === undefined && plan.lockImages ? [untagged(plan, host)] : [];
}

async function lockPoints(zone: Zone, plan: PromotionPlan): Promise<readonly AdoptionPoint[]> {
  if (!plan.lockImages || isLocked(await zone.ports.locks.read(imageOf(plan)))) return [];
  const message = `${plan.environment} locks its images, and this one is not locked: until a roll-back locks it, whoever may delete in ${plan.targetRegistry} takes the way back away`;
  return [
    {
      part: 'locks',
      blocks: false,
      message,
      remedy: 'lock image and tag now, or keep retention and clean-up away from them',
    },
  ];
}

type Proofs = { readonly signed: string } | { readonly refusal: Refusal };

/** Judged as a roll-back to it would be. */
async function proofsOf(zone: Zone, plan: PromotionPlan, isPublished: boolean): Promise<Proofs> {
  if (!isPublished) {
    const { verdicts, signed } = await proven(zone, plan, zone.ports.registry);
    const refusal = firstRefusal(verdicts);
    return refusal === undefined
      ? { signed: `signed by ${[...new Set(signed.map(({ by }) => by))].join(' and ')}` }
      : { refusal };
  }
  const { answer } = await judgeImage(zone, {
    ...{ plan, planDigest: '', approvals: [], requestedBy: '', workflowId: '', at: 'destination' },
    baseline: { imagePresent: true, tagPresent: true, imageLocked: false, existing: [] },
  });
  return answer.ok ? { signed: answer.summary } : { refusal: answer.refusal };
}

interface Standing {
  readonly managed?: NonNullable<Found['managed']>;
  readonly points: readonly AdoptionPoint[];
}

/** What the environment remembers of it. */
async function management(zone: Zone, namespace: string, service: string): Promise<Standing> {
  const [record, admission] = await Promise.all([
    readRecord(zone, namespace, service),
    readAdmission(zone, namespace, service),
  ]);
  const [inside] = insideOf(service, admission);
  const points: AdoptionPoint[] = [];
  // of whom nobody can tell whether it goes on, that one is taken to go on
  if (inside !== undefined && !(await hasEnded(inside).catch(() => false)))
    points.push({
      ...{
        part: 'management',
        blocks: true,
        message: `${inside.workflowId} is under way`,
        got: `let in at ${inside.since}`,
      },
      remedy: 'let it end: then the service is managed; or abort it, and look again',
    });
  if (record === undefined) return { points };
  const managed = { version: record.version, digest: record.image.digest, since: record.since };
  const how =
    record.adopted === undefined
      ? `${record.workflowId} brought ${record.version} there`
      : `${record.adopted.by} has adopted ${record.version}`;
  points.push({
    ...{ part: 'management', blocks: true, message: `Sluice manages ${service} in ${zone.environment}: ${how}` },
    ...{ expected: 'a service that nothing is remembered of', got: `${record.version} since ${record.since}` },
    remedy: `release the next version with "sluice start ${service} …"`,
  });
  return { managed, points };
}

function whole(found: Found, points: readonly AdoptionPoint[]): AdoptionReport {
  return { ...found, points: points.toSorted((a, b) => Number(b.blocks) - Number(a.blocks)) };
}

function notOnPath({ name, path }: ServiceRules, environment: string): AdoptionPoint {
  const message = `${name} does not come to ${environment}`;
  const remedy = `add ${environment} to the path of the service in sluice.yaml, and restart the workers`;
  return { part: 'service', blocks: true, message, expected: path.join(', '), got: environment, remedy };
}

function nameless(): AdoptionPoint {
  const message = 'what runs has no version: its workloads name no tag that means it';
  const remedy = 'give it one behind the name of the service: people will read it, and "sluice rollback --to" names it';
  return { part: 'version', blocks: true, message, remedy };
}

function untagged({ environment, version, image }: PromotionPlan, host: string): AdoptionPoint {
  return {
    ...{
      part: 'version',
      blocks: true,
      message: `${environment} locks tags, and ${host} has no tag ${version} to lock`,
    },
    ...{ expected: `${image.repository}:${version} means ${shortDigest(image.digest)}`, got: 'no such tag' },
    remedy: `tag it, moving nothing: az acr import --name ${host.split('.')[0]} --source ${host}/${image.repository}@${image.digest} --image ${image.repository}:${version}`,
  };
}

function unpublished(service: string, environment: string): AdoptionPoint {
  const message = 'its manifests are not published beside the image: nothing could be put back from them';
  const remedy = `publish them with "sluice adopt ${service} --environment ${environment} --publish", or name those that are there with "--manifests"`;
  return {
    part: 'manifests',
    blocks: true,
    message,
    expected: 'the digest of a manifest artefact that refers to the image',
    got: 'none',
    remedy,
  };
}

function unprovenPoint(
  { image, targetRegistry, environment }: PromotionPlan,
  { code, message, expected, got, remedy }: Refusal,
): AdoptionPoint {
  const reference = `${targetRegistry}/${image.repository}@${image.digest}`;
  return {
    ...{ part: 'proofs', blocks: false, code },
    message: `${message}: it can be adopted as what runs, marked so; "sluice rollback" to it is refused with ${code}, and a failed release is still put back to it`,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    remedy: `have those sign ${reference} whose signatures count in ${environment}, before you need to go back${remedy === undefined ? '' : ` (${remedy})`}`,
  };
}
