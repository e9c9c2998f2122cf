/**
 * Whether the way back would work, found out by looking: what is asked of a roll-back is asked now, of where it would go and of what runs,
 * which has to come back after a rehearsal. Changes nothing. What nobody could look at is a failed check and says so.
 */
import { activityInfo } from '@temporalio/activity';
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import type { KnownGood, PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import type {
  AsItWasRequest,
  RehearsalCheck,
  VersionThere,
  WayBack,
  WayBackRequest,
} from '../src/contract/rehearsal-workflow.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import { shortDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { restraintLine, restraintsOn } from '../src/domain/restraint.ts';
import { type EnvironmentRules, namespaceOf, type ServiceRules } from '../src/domain/rulebook.ts';
import { planPromotion } from '../src/plan/plan-promotion.ts';
import { versionRefusal } from '../src/policy/image-policy.ts';
import { environmentOf, serviceOf } from '../src/policy/journey-policy.ts';
import { PortError } from '../src/ports/port-error.ts';
import { proveRunning } from './cluster.ts';
import { refusalOf } from './failures.ts';
import { findKnownGood } from './known-good.ts';
import { checkPullable } from './pull.ts';
import { rehearse } from './rehearsal.ts';
import { readRecord } from './remembered.ts';
import { restraining } from './restraints.ts';
import { judgeImage } from './signatures.ts';
import { no, taggedDigest, yes, type Zone } from './zone.ts';

/** Trouble that may be a blink is left to the retry of the activity for so many attempts; then it is what was found. */
const PATIENT_FOR = 3;

interface Place {
  readonly service: ServiceRules;
  readonly target: EnvironmentRules;
  readonly namespace: string;
}

export async function checkWayBack(zone: Zone, request: WayBackRequest, signal: AbortSignal): Promise<WayBack> {
  const place = placeOf(zone, request);
  if ('refusal' in place) return { checks: [checked('configuration', no(place.refusal))], asks: '', undo: [] };
  const current = await readRecord(zone, place.namespace, request.service);
  const known = await findKnownGood(zone, request);
  const from = current === undefined ? undefined : thereOf(current);
  const to = known.ok ? thereOf(known.known) : undefined;
  const plan = to === undefined ? undefined : planOf(zone, place, to, from?.version);
  const checks = [
    checked('known good', known.ok ? yes(knownLine(known.known, current)) : no(known.refusal)),
    checked('record', current === undefined ? no(noRecord(request)) : yes(recordLine(current))),
    ...(from === undefined ? [] : [await tried('running', () => running(zone, place, from))]),
    await tried('in the way', () => inTheWay(zone, place)),
    ...(plan === undefined ? [] : await checksOfVersion(zone, plan, signal)),
    ...(from === undefined || to === undefined
      ? []
      : await checksOfVersion(zone, planOf(zone, place, from, to.version), signal)),
    ...(plan === undefined ? [] : [checked('approval', yes(asksOf(plan) || `${zone.environment} asks nobody`))]),
  ];
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    checks,
    asks: plan === undefined ? '' : asksOf(plan),
    undo: plan === undefined ? [] : undoOf(plan),
    ...(known.inside === undefined ? {} : { inside: known.inside }),
  };
}

/** After a rehearsal: what the environment remembers, and what its cluster runs. */
export async function checkAsItWas(
  zone: Zone,
  { service, environment, was }: AsItWasRequest,
): Promise<{ readonly checks: readonly RehearsalCheck[] }> {
  const place = placeOf(zone, { service, environment });
  if ('refusal' in place) return { checks: [checked('as before: configuration', no(place.refusal))] };
  const record = await readRecord(zone, place.namespace, service);
  return {
    checks: [
      checked('as before: record', isSame(record, was) ? yes(`${was.version} is recorded`) : no(another(was, record))),
      await tried('as before: running', () => running(zone, place, was)),
    ],
  };
}

function placeOf(zone: Zone, request: WayBackRequest): Place | { readonly refusal: Refusal } {
  const service = serviceOf(zone.rulebook, request.service);
  if (!service.ok) return service;
  const target = environmentOf(zone.rulebook, request.environment);
  if (!target.ok) return target;
  return { service: service.value, target: target.value, namespace: namespaceOf(service.value, target.value.name) };
}

/** The plan that a roll-back there would have: pure, so that it is there also where something is in the way of making it. */
function planOf(zone: Zone, { service, target }: Place, there: VersionThere, awayFrom?: string): PromotionPlan {
  return planPromotion({
    ...{ service, target, source: target, ...there },
    policyVersion: zone.rulebook.policyVersion,
    rollback: { rehearsal: true, ...(awayFrom === undefined ? {} : { awayFrom }) },
  });
}

/** What has to be there for a version to be brought there, each thing by itself: all that is wrong is known at once. */
async function checksOfVersion(
  zone: Zone,
  plan: PromotionPlan,
  signal: AbortSignal,
): Promise<readonly RehearsalCheck[]> {
  const request = requestOf(plan);
  const { version } = plan;
  return Promise.all([
    tried(`tag ${version}`, () => tag(zone, plan)),
    tried(`image ${version}`, () => checkPullable(zone, request)),
    tried(`signatures ${version}`, async () => (await judgeImage(zone, { ...request, at: 'destination' })).answer),
    tried(`manifests ${version}`, () => dryRun(zone, plan, signal)),
  ]);
}

async function tag(zone: Zone, { version, image, targetRegistry }: PromotionPlan): Promise<StepAnswer> {
  const { repository, digest } = image;
  const tagged = await taggedDigest(zone.ports.registry, repository, version);
  const taken = versionRefusal({ registry: targetRegistry, repository, version, digest, tagged });
  if (taken !== undefined) return no(taken);
  return yes(tagged === undefined ? `no tag ${version}; it goes by its digest` : `tag ${version} means that digest`);
}

/** Read by their digest, judged by today's rules, and taken by the cluster's server from this very worker, without effect. */
async function dryRun(zone: Zone, plan: PromotionPlan, signal: AbortSignal): Promise<StepAnswer> {
  const rehearsed = await rehearse(zone, plan, signal);
  if (!rehearsed.ok) return rehearsed;
  if (rehearsed.tried instanceof PortError) return no(refusalOf(rehearsed.tried));
  return yes(`the cluster would take ${rehearsed.objects.length} objects from this worker (server-side dry run)`);
}

function running(zone: Zone, place: Place, there: VersionThere): Promise<StepAnswer> {
  return proveRunning(zone, { ...requestOf(planOf(zone, place, there)), to: 'new' });
}

/** A roll-back passes stops and holds; a rehearsal has nothing that would be worth it, and would take the place of the hold. */
async function inTheWay(zone: Zone, { service, namespace }: Place): Promise<StepAnswer> {
  const { restraints } = await restraining(zone, namespace, service.name);
  const [first] = restraintsOn(restraints, service.name, zone.now().getTime());
  if (first === undefined) return yes('no stop and no hold');
  const lift = first.kind === 'hold' ? `sluice hold lift ${service.name}` : 'sluice thaw';
  return no({
    code: 'command-not-possible',
    message: restraintLine(first),
    remedy: `let whoever set it lift it ("${lift} --environment ${zone.environment}"); a roll-back in earnest passes it`,
  });
}

function requestOf(plan: PromotionPlan): StepRequest {
  const baseline = { imagePresent: true, tagPresent: true, imageLocked: plan.lockImages, existing: [] };
  return { plan, planDigest: digestOfJson(plan), baseline, approvals: [], requestedBy: '', workflowId: '' };
}

function thereOf({ version, image, manifests }: VersionThere): VersionThere {
  return { version, image, manifests };
}

function isSame(record: PromotionRecord | undefined, was: VersionThere): boolean {
  return (
    record?.version === was.version && record.image.digest === was.image.digest && record.manifests === was.manifests
  );
}

function knownLine({ version, image, since, rolledBackAt }: KnownGood, current: PromotionRecord | undefined): string {
  const taken = rolledBackAt === undefined ? '' : `; it was rolled back there at ${rolledBackAt}`;
  const away = current === undefined ? '' : `, away from ${current.version}`;
  return `${version} (${shortDigest(image.digest)}) ran well from ${since}${taken}${away}`;
}

function recordLine({ version, image, since, signed }: PromotionRecord): string {
  const how = signed === undefined ? 'no signed record' : `signed record ${shortDigest(signed)}`;
  return `${version} (${shortDigest(image.digest)}) since ${since}; ${how}`;
}

function noRecord({ service, environment }: WayBackRequest): Refusal {
  return {
    code: 'rollback-impossible',
    message: `${environment} remembers no promotion of ${service} that ended well: there is nothing to go back from`,
    remedy: `release ${service} to ${environment} first, or take what runs into management with "sluice adopt"`,
  };
}

function another(was: VersionThere, record: PromotionRecord | undefined): Refusal {
  return {
    code: 'command-not-possible',
    message: `not what ran before`,
    expected: `${was.version} (${shortDigest(was.image.digest)}, manifests ${shortDigest(was.manifests)})`,
    got: record === undefined ? 'nothing' : `${record.version} (${shortDigest(record.image.digest)})`,
  };
}

/** The planner's own words. */
function asksOf(plan: PromotionPlan): string {
  const approval = plan.steps.find(({ step }) => step === 'approval');
  return approval === undefined || approval.skipped !== undefined ? '' : approval.does;
}

const NOTHING = 'nothing to undo';

function undoOf({ steps }: PromotionPlan): readonly string[] {
  const undone = steps.filter(({ skipped, undo }) => skipped === undefined && !undo.startsWith(NOTHING));
  return undone.map(({ step, undo }) => `${step}: ${undo}`).toReversed();
}

async function tried(check: string, look: () => Promise<StepAnswer>): Promise<RehearsalCheck> {
  try {
    return checked(check, await look());
  } catch (error) {
    if (!(error instanceof PortError) || (error.retry !== 'no' && activityInfo().attempt <= PATIENT_FOR)) throw error;
    return checked(check, no(refusalOf(error)));
  }
}

function checked(check: string, answer: StepAnswer): RehearsalCheck {
  if (answer.ok) return { check, ok: true, said: answer.summary };
  const { message, expected, got, remedy } = answer.refusal;
  const facts = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(got === undefined ? [] : [`got ${got}`]),
  ].join(', ');
  const said = facts === '' ? message : `${message} (${facts})`;
  return { check, ok: false, said, ...(remedy === undefined ? {} : { remedy }) };
}
