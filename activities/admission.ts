/**
 * Being let in, and having been let in. Whoever may write to the Temporal namespace can ask a zone for anything; what the zone
 * does is decided by the zone: it makes the plan again by its own rules, checks signatures and approvals with its own eyes, and
 * remembers in its own cluster what it let in. Whatever changes something asks that memory first.
 */
import { activityInfo } from '@temporalio/activity';
import type { AdmitAnswer, StepRequest } from '../src/contract/activities.ts';
import type { Admission, Baseline, Decided } from '../src/contract/plan.ts';
import { isOfAdoption } from '../src/contract/workflow-ids.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { spendable, spentAmong, type SpentStatement, withSpent } from '../src/domain/spent-statements.ts';
import { PortError } from '../src/ports/port-error.ts';
import { provenApprovals } from './approvals.ts';
import { audit } from './audit.ts';
import { decidedBy } from './decided.ts';
import type { Copied } from './copies.ts';
import { checkGates, findOut } from './gates.ts';
import { besideBefore } from './beside.ts';
import { refusing } from './failures.ts';
import { makePlan } from './plan.ts';
import { parsed, readAdmission } from './remembered.ts';
import { rememberFromNowOn } from './restraints.ts';
import { judgeImage } from './signatures.ts';
import type { Zone } from './zone.ts';

/** Lets the promotion in, unless the plan that holds now is another one: then that plan is the answer and nothing is let in. */
export async function admit(zone: Zone, request: StepRequest, signal: AbortSignal): Promise<AdmitAnswer> {
  const { service, version, environment, source, image, manifests, rollback, awayFrom, rehearsal } = request.plan;
  const asked = {
    ...{ service, version, environment, source, image, manifests, manifestsPublished: true },
    ...(rollback === undefined ? {} : { rollback }),
    ...(awayFrom === undefined ? {} : { awayFrom }),
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
  const holds = await makePlan(zone, asked, signal);
  if (!holds.ok) return refused(request, holds.refusal);
  if (holds.planDigest !== request.planDigest) {
    audit(request, { code: 'plan-changed', message: `the plan that holds now is ${holds.planDigest}` });
    return holds;
  }
  const beside = await refusing(() => besideBefore(zone, holds.plan));
  if ('ok' in beside) return refused(request, beside.refusal);
  const now = { ...holds, baseline: { ...holds.baseline, ...beside } };
  const asNow = { ...request, plan: now.plan };
  const { answer: proven, verdicts = [] } = await judgeImage(zone, { ...asNow, at: 'source' });
  if (!proven.ok) return refused(request, proven.refusal);
  const { passed, restrained } = await findOut(zone, asNow);
  const gates = await checkGates(zone, asNow, { passed, restrained });
  if (!gates.ok) return refused(request, gates.refusal);
  if (gates.answer === 'wait') {
    audit(request, { code: 'gate-closed', message: `a gate of ${environment} is closed` });
    return { ...now, closed: true, gates };
  }
  const approved = await provenApprovals(zone, request, now);
  if (!approved.ok) return unapproved(request, approved.refusal);
  const statements = spendable([...approved.proven, ...passed.map((one) => one.proven)]);
  const judged = { requestedBy: request.requestedBy, verdicts, gates: gates.verdicts };
  const decided = decidedBy({ ...judged, counted: approved.counted, passed });
  const late = await remember(zone, request, now.baseline, statements, decided);
  if (late !== undefined) return refused(request, late);
  await rememberFromNowOn(zone, now.plan, restrained);
  return rollback === true ? { ...now, gates } : now;
}

/** A yes can grow old at the door, or its signer may be known no more: people can say it again. Nobody is asked twice for a no. */
function unapproved(request: StepRequest, refusal: Refusal): AdmitAnswer {
  const isLost = request.approvals.length > 0 && refusal.code !== 'approval-rejected';
  return { ...refused(request, refusal), ...(isLost ? { askAgain: true } : {}) };
}

/**
 * Throws `not-admitted` unless this very run is what the zone let in last, with this plan and this way back. `evenIfEnded` is for
 * the step that ends it: it may run twice.
 */
export async function mustBeAdmitted(
  zone: Zone,
  request: StepRequest,
  { evenIfEnded = false }: { readonly evenIfEnded?: boolean } = {},
): Promise<void> {
  const admission = await readAdmission(zone, request.plan.namespace, request.plan.service);
  const problem = differenceOf(admission, request) ?? (evenIfEnded ? undefined : endOf(admission));
  if (problem === undefined) return;
  const refusal: Refusal = { code: 'not-admitted', ...problem };
  audit(request, refusal);
  throw new PortError(refusal.code, refusal.message, { retry: 'no', ...problem });
}

/** What this zone let in last, if it is this very run with this very plan. Throws `not-admitted` otherwise. */
export async function admissionOf(zone: Zone, request: StepRequest): Promise<Admission> {
  await mustBeAdmitted(zone, request, { evenIfEnded: true });
  const admission = await readAdmission(zone, request.plan.namespace, request.plan.service);
  if (admission === undefined) throw new Error('an admission that was there a moment ago is gone');
  return admission;
}

/** What it has applied here; undefined: it is about to take that back. Only where its signed record will want to know. */
export async function noteApplied(zone: Zone, request: StepRequest, applied: string | undefined): Promise<void> {
  if (zone.ports.recording === undefined) return;
  await change(zone, request, (known) => {
    if (known === undefined || !isUnderWay(known, request) || known.applied === applied) return undefined;
    const { applied: _, ...rest } = known;
    return applied === undefined ? rest : { ...rest, applied };
  });
}

/** Which operations of its registry it has asked for: the registry's log has them under these names. Only where its signed record will want to know. */
export async function noteImports(zone: Zone, request: StepRequest, copied: readonly Copied[]): Promise<void> {
  const found = copied.flatMap(({ digest, operation }) => (operation === undefined ? [] : [{ digest, operation }]));
  if (zone.ports.recording === undefined || found.length === 0) return;
  await change(zone, request, (known) => {
    if (known === undefined || !isUnderWay(known, request)) return undefined;
    const { imports = [] } = known;
    // one operation may be asked after twice: a copy that two things want
    const all = new Map([...imports, ...found].map((one) => [one.operation, one]));
    return all.size === imports.length ? undefined : { ...known, imports: [...all.values()] };
  });
}

/** After its last step a promotion may change nothing any more, not even by the same words again. What was let in since goes on. */
export async function closeAdmission(zone: Zone, request: StepRequest): Promise<void> {
  await change(zone, request, (known) =>
    known !== undefined && isUnderWay(known, request) ? { ...known, endedAt: zone.now().toISOString() } : undefined,
  );
}

interface Problem {
  readonly message: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

const remedy = 'start releases with "sluice start"; a promotion that another one has displaced can be aborted';

function differenceOf(admission: Admission | undefined, request: StepRequest): Problem | undefined {
  const { plan, planDigest, baseline } = request;
  const who = `${plan.service} in ${plan.environment}`;
  if (digestOfJson(plan) !== planDigest) {
    return { message: 'the plan is not what its digest says', expected: planDigest, got: digestOfJson(plan), remedy };
  }
  if (admission === undefined) {
    return { message: `nothing was let in for ${who}`, expected: 'an admission', got: 'none', remedy };
  }
  const own: Partial<Admission> = { planDigest, baselineDigest: digestOfJson(baseline), ...caller() };
  const differs = differing(admission, own);
  if (differs.length === 0) return undefined;
  const expected = `${own.workflowId} with plan ${planDigest} (differs in ${differs.join(', ')})`;
  return { message: `something else was let in last for ${who}`, expected, got: nameOf(admission), remedy };
}

function endOf(admission: Admission | undefined): Problem | undefined {
  if (admission?.endedAt === undefined) return undefined;
  const expected = 'a promotion that is under way';
  return { message: `${nameOf(admission)} has ended`, expected, got: `ended at ${admission.endedAt}`, remedy };
}

function nameOf({ workflowId, planDigest }: Admission): string {
  return `${workflowId} with plan ${planDigest}`;
}

/** As the server says it: a request can claim to come from any workflow. */
function caller(): Pick<Admission, 'workflowId' | 'runId'> {
  const { workflowExecution } = activityInfo();
  return { workflowId: workflowExecution?.workflowId ?? '', runId: workflowExecution?.runId ?? '' };
}

/** Decides on what stands there at that moment, whoever else comes at the same one: a refusal, or it is let in. */
async function remember(
  zone: Zone,
  request: StepRequest,
  baseline: Baseline,
  statements: readonly SpentStatement[],
  decided: Decided,
): Promise<Refusal | undefined> {
  const { planDigest, fence } = request;
  const baselineDigest = digestOfJson(baseline);
  const own = { planDigest, baselineDigest, ...caller(), ...(fence === undefined ? {} : { fence }) };
  const now = zone.now();
  let refusal: Refusal | undefined;
  await change(zone, request, (known) => {
    if (known !== undefined && isOfAdoption(known) && baseline.current === undefined) throw adoptedMeanwhile(request);
    refusal = fenceRefusal(known, request, now.getTime()) ?? replayRefusal(known, request, statements);
    if (refusal !== undefined) return undefined;
    const isKnown = known !== undefined && isUnderWay(known, request) && differing(known, own).length === 0;
    if (isKnown && statements.every((one) => spentAmong(known, [one]) !== undefined)) return undefined;
    const spent = withSpent(known ?? {}, statements, now.getTime());
    const why = zone.ports.recording === undefined ? {} : { decided };
    return { format: 1, ...own, at: now.toISOString(), ...spent, ...why };
  });
  return refusal;
}

/** Its plan was made as a first release, and is made again: what was adopted since is what it would be put back to. */
function adoptedMeanwhile({ plan: { service, environment } }: StepRequest): PortError {
  const message = `${service} was adopted in ${environment} while this was being let in`;
  const remedy = `it is tried again; where it goes on, end the adoption: "sluice adopt ${service} --environment ${environment}"`;
  return new PortError('adoption-changed', message, { retry: 'yes', remedy });
}

/** This very run with this very plan is inside: it may ask again, since its first answer may have been lost. */
function isUnderWay(known: Admission, { planDigest }: StepRequest): boolean {
  return known.endedAt === undefined && differing(known, { planDigest, ...caller() }).length === 0;
}

/** Old words in a new mouth: whoever reads a history has them all, and a workflow's id is free again once it has ended. */
function replayRefusal(
  known: Admission | undefined,
  request: StepRequest,
  statements: readonly SpentStatement[],
): Refusal | undefined {
  if (known === undefined || isUnderWay(known, request)) return undefined;
  const spent = spentAmong(known, statements);
  if (spent === undefined) return undefined;
  const { service, environment } = request.plan;
  return {
    code: 'approval-replayed',
    message: `statement ${spent.jti}, signed at ${spent.signedAt}, has let ${service} into ${environment} before; a statement counts once`,
    expected: 'answers that nothing was let in by',
    got: `one that was used, and ends at ${spent.expiresAt}`,
    remedy: 'have it asked and answered anew: start a new version, or ask for a roll-back',
  };
}

/** Numbers follow the clock: a forged one from far ahead would keep everybody else out until then. */
const FUTURE_MS = 86_400_000;

/** Two that both think it is their turn: the later lease is the right one, whoever comes first. */
function fenceRefusal(known: Admission | undefined, { fence, plan }: StepRequest, nowMs: number): Refusal | undefined {
  if (fence === undefined) {
    const message = `nothing enters ${plan.environment} without a lease`;
    return { code: 'not-admitted', message, expected: 'the number of a lease', got: 'none', remedy };
  }
  if (fence > nowMs + FUTURE_MS) {
    const message = 'no desk gives leases of that number yet';
    return { code: 'not-admitted', message, expected: `at most ${nowMs + FUTURE_MS}`, got: String(fence), remedy };
  }
  if (known?.fence === undefined || known.fence <= fence) return undefined;
  return {
    code: 'turn-lost',
    message: `a later lease of ${plan.service} in ${plan.environment} was given to ${nameOf(known)}`,
    expected: `a lease above ${known.fence}`,
    got: String(fence),
    remedy: 'abort this promotion, and start a new version if it is still wanted',
  };
}

/** The keys in which what is remembered is another than `own`. */
function differing(known: Admission, own: Partial<Admission>): readonly (keyof Admission)[] {
  return (Object.keys(own) as (keyof Admission)[]).filter((key) => own[key] !== known[key]);
}

async function change(
  zone: Zone,
  { plan }: StepRequest,
  decide: (known: Admission | undefined) => Admission | undefined,
): Promise<void> {
  await zone.ports.records.change('admission', plan.namespace, plan.service, (text) => {
    const decided = decide(parsed<Admission>(text));
    return decided === undefined ? undefined : JSON.stringify(decided);
  });
}

function refused(request: StepRequest, refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  audit(request, refusal);
  return { ok: false, refusal };
}
