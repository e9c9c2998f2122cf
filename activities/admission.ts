/**
 * Being let in, and having been let in. Whoever may write to the Temporal namespace can ask a zone for anything; what the zone
 * does is decided by the zone: it makes the plan again by its own rules, checks signatures and approvals with its own eyes, and
 * remembers in its own cluster what it let in. Whatever changes something asks that memory first.
 */
import { activityInfo, log } from '@temporalio/activity';
import type { AdmitAnswer, StepRequest } from '../src/contract/activities.ts';
import type { Admission } from '../src/contract/plan.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { PortError } from '../src/ports/port-error.ts';
import { approvalsRefusal } from './approvals.ts';
import { checkGates } from './gates.ts';
import { makePlan } from './plan.ts';
import { verifySignatures } from './signatures.ts';
import type { Zone } from './zone.ts';

/** Lets the promotion in, unless the plan that holds now is another one: then that plan is the answer and nothing is let in. */
export async function admit(zone: Zone, request: StepRequest, signal: AbortSignal): Promise<AdmitAnswer> {
  const { service, version, environment, source, image, manifests, rollback } = request.plan;
  const asked = {
    ...{ service, version, environment, source, image, manifests, manifestsPublished: true },
    ...(rollback === undefined ? {} : { rollback }),
  };
  const now = await makePlan(zone, asked, signal);
  if (!now.ok || now.planDigest !== request.planDigest) return now;
  const signed = await verifySignatures(zone, { ...request, plan: now.plan, at: 'source' });
  if (!signed.ok) return refused(request, signed.refusal);
  const gates = await checkGates(zone, { ...request, plan: now.plan });
  if (!gates.ok) return refused(request, gates.refusal);
  if (gates.answer === 'wait') return { ...now, closed: true, gates };
  const unproven = await approvalsRefusal(zone, request, now);
  if (unproven !== undefined) return refused(request, unproven);
  const known = await read(zone, request);
  const late = fenceRefusal(known, request, zone.now().getTime());
  if (late !== undefined) return refused(request, late);
  await remember(zone, request, digestOfJson(now.baseline), known);
  return rollback === true ? { ...now, gates } : now;
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
  const admission = await read(zone, request);
  const problem = differenceOf(admission, request) ?? (evenIfEnded ? undefined : endOf(admission));
  if (problem === undefined) return;
  const refusal: Refusal = { code: 'not-admitted', ...problem };
  audit(request, refusal);
  throw new PortError(refusal.code, refusal.message, { retry: 'no', ...problem });
}

/** After its last step a promotion may change nothing any more, not even by the same words again. */
export async function closeAdmission(zone: Zone, request: StepRequest): Promise<void> {
  const admission = await read(zone, request);
  if (admission === undefined || admission.endedAt !== undefined) return;
  await write(zone, request, { ...admission, endedAt: zone.now().toISOString() });
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

async function remember(
  zone: Zone,
  request: StepRequest,
  baselineDigest: string,
  known: Admission | undefined,
): Promise<void> {
  const { planDigest, fence } = request;
  const own = { planDigest, baselineDigest, ...caller(), ...(fence === undefined ? {} : { fence }) };
  if (known !== undefined && known.endedAt === undefined && differing(known, own).length === 0) return;
  await write(zone, request, { format: 1, ...own, at: zone.now().toISOString() });
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

async function read(zone: Zone, { plan }: StepRequest): Promise<Admission | undefined> {
  const text = await zone.ports.records.read('admission', plan.namespace, plan.service);
  return text === undefined ? undefined : (JSON.parse(text) as Admission);
}

async function write(zone: Zone, { plan }: StepRequest, admission: Admission): Promise<void> {
  await zone.ports.records.write('admission', plan.namespace, plan.service, JSON.stringify(admission));
}

function refused(request: StepRequest, refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  audit(request, refusal);
  return { ok: false, refusal };
}

/** The worker's log is out of reach of whoever talks to Temporal: what was tried and refused stands there too. */
function audit({ plan }: StepRequest, { code, message }: Refusal): void {
  log.warn(`refused at the point of use: ${message}`, { code, service: plan.service, environment: plan.environment });
}
