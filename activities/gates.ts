/** What an environment's gates say: facts are gathered here, the rules are pure, and the verdicts stand in history. */
import type { GatesAnswer, StepRequest } from '../src/contract/activities.ts';
import type { ExternalAnswer, GateFacts, GateRule, GateVerdict, RunningVersion } from '../src/domain/gate.ts';
import { RESTRAINTS } from '../src/domain/restraint.ts';
import { admits, gatesOf, judgeGates } from '../src/policy/gates/index.ts';
import { environmentOf } from '../src/policy/journey-policy.ts';
import { type ProvenOverride, verifiedOverrides } from './overrides.ts';
import { readRecord } from './remembered.ts';
import { restraining, type Restraining } from './restraints.ts';
import type { Zone } from './zone.ts';

/** What whoever asks has found out already. */
export interface FoundOut {
  /** The words that open gates. */
  readonly passed: readonly ProvenOverride[];
  readonly restrained: Restraining;
}

export async function checkGates(zone: Zone, request: StepRequest, found?: FoundOut): Promise<GatesAnswer> {
  const target = environmentOf(zone.rulebook, request.plan.environment);
  if (!target.ok) return target;
  const rules = gatesOf(target.value);
  const facts = await factsOf(zone, request, found ?? (await findOut(zone, request)));
  if (request.plan.rollback === true) return passedOnTheWayBack(rules, facts);
  const external = await askOutside(zone, rules, facts);
  return summed(judgeGates(rules, external.length === 0 ? facts : { ...facts, external }));
}

/** Whoever is asked outside would take the question for a real one: such a gate says that it was not asked, and waits. */
export async function observeGates(zone: Zone, request: StepRequest): Promise<GatesAnswer> {
  const target = environmentOf(zone.rulebook, request.plan.environment);
  if (!target.ok) return target;
  const facts = await factsOf(zone, request, await findOut(zone, request));
  return summed(judgeGates(gatesOf(target.value), facts));
}

function summed(verdicts: readonly GateVerdict[]): GatesAnswer {
  const summary = admits(verdicts);
  if (summary.answer === 'no') return { ok: false, refusal: summary.refusal };
  if (summary.answer === 'yes') return { ok: true, answer: 'yes', verdicts };
  return { ok: true, answer: 'wait', verdicts, ...(summary.until === undefined ? {} : { until: summary.until }) };
}

/** No gate asks what goes back, and no stop or hold keeps it out; which of these it has passed stands in its evidence. */
function passedOnTheWayBack(rules: readonly GateRule[], facts: GateFacts): GatesAnswer & { readonly ok: true } {
  const isRestraint = ({ kind }: GateRule): boolean => RESTRAINTS.some((one) => one === kind);
  const verdicts = judgeGates(rules.filter(isRestraint), facts);
  const closed = verdicts.filter((one) => one.answer !== 'yes');
  return { ok: true, answer: 'yes', verdicts: closed.map((one) => ({ ...one, answer: 'yes' })) };
}

/** What the zone itself knows, whatever the request says. */
export async function findOut(zone: Zone, request: StepRequest): Promise<FoundOut> {
  const { namespace, service } = request.plan;
  return {
    passed: await verifiedOverrides(zone, request),
    restrained: await restraining(zone, namespace, service),
  };
}

async function factsOf(zone: Zone, request: StepRequest, { passed, restrained }: FoundOut): Promise<GateFacts> {
  const { plan, requestedBy, entry } = request;
  const here = await runningHere(zone, plan.namespace, plan.service);
  const { passed: before = [], soaked = [] } = entry ?? {};
  // what an environment says now goes before what the release knew of it when it left
  const elsewhere = before.filter((one) => !soaked.some(({ environment }) => environment === one.environment));
  return {
    at: zone.now().toISOString(),
    service: plan.service,
    version: plan.version,
    digest: plan.image.digest,
    environment: plan.environment,
    requestedBy,
    ...(entry?.ticket === undefined ? {} : { ticket: entry.ticket }),
    allowOlder: entry?.allowOlder ?? false,
    running: [...(here === undefined ? [] : [here]), ...elsewhere, ...soaked.flatMap(({ running }) => running ?? [])],
    ...(entry?.soaked === undefined ? {} : { soaked }),
    overrides: passed.map(({ override }) => override),
    restraints: restrained.restraints,
  };
}

/** All at once: each takes as long as somebody else likes, within its limit. */
function askOutside(zone: Zone, rules: readonly GateRule[], facts: GateFacts): Promise<readonly ExternalAnswer[]> {
  const external = rules.filter((rule) => rule.kind === 'external');
  return Promise.all(external.map((rule) => zone.ports.checks.ask(rule.name, facts)));
}

async function runningHere(zone: Zone, namespace: string, service: string): Promise<RunningVersion | undefined> {
  const record = await readRecord(zone, namespace, service);
  if (record === undefined) return undefined;
  const { version, image, since } = record;
  return { environment: zone.environment, version, digest: image.digest, since };
}
