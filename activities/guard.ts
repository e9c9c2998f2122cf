/**
 * Looking after what runs: round after round, as attempts of one activity. The server keeps the time in between, so that a guardian that
 * finds nothing costs no task of its workflow and no event of its history. Only looks; what counts is what the zone itself remembers.
 */
import { activityInfo } from '@temporalio/activity';
import type { LookAnswer, LookRequest, Suspected } from '../src/contract/guardian-workflow.ts';
import { findingKey, findingsKey, type Seen } from '../src/domain/finding.ts';
import { environmentOf, serviceOf } from '../src/policy/journey-policy.ts';
import type { EnvironmentRules, GuardianRule, ServiceRules } from '../src/domain/rulebook.ts';
import type { Attempt } from './beating.ts';
import { lookAgain } from './failures.ts';
import { type Look, lookOnce } from './guarding/look.ts';
import type { Zone } from './zone.ts';

/** What was seen, and is looked at again before anybody hears of it. */
export interface Suspicion extends Suspected {
  readonly times: number;
}

/** A pod that starts again, a node that is drained, an answer that was lost: over by then. */
const SOON_MS = 60_000;
const TIMES = 2;
/** A registry that cannot be reached is no news for a thousand guardians before it lasts. */
const TIMES_BLIND = 3;

export async function lookAfter(zone: Zone, request: LookRequest, attempt: Attempt<Suspicion>): Promise<LookAnswer> {
  const rules = rulesOf(zone, request.service);
  if (typeof rules === 'string') return { kind: 'over', said: rules };
  const { everyMs } = rules.guardian;
  const soonMs = Math.min(SOON_MS, everyMs);
  const firstMs = firstIn(request, zone.now().getTime(), { everyMs, soonMs });
  const round = activityInfo().attempt;
  if (round === 1 && firstMs > 0) throw lookAgain({ said: 'its moment has not come' }, firstMs);
  const look = await lookOnce(zone, request, rules, attempt.signal);
  if (look.kind === 'over') return look;
  if (look.kind === 'away') {
    if (request.answer === true) return look;
    throw lookAgain({ said: look.said }, Math.min(everyMs, soonMs * 2 ** (round - 1)));
  }
  const key = findingsKey(look.findings);
  const isNew = key !== findingsKey(request.known);
  if (!isNew && (request.answer === true || isAnother(look, request))) return { ...look, confirmed: true };
  if (!isNew) throw lookAgain({ lookedAt: look.at, said: 'nothing has changed' }, everyMs);
  const before = suspicionOf(attempt.saved(), request.suspected, key);
  const since = before?.since ?? look.at;
  const times = (before?.times ?? 0) + 1;
  const needed = timesNeeded(look.findings, request.known);
  const hasLasted = Date.parse(look.at) - Date.parse(since) >= (needed - 1) * soonMs;
  // whoever asks may ask many times within a moment: then only time counts
  if (request.answer === true) return { ...look, confirmed: hasLasted };
  if (hasLasted || times >= needed) return { ...look, confirmed: true };
  attempt.save({ key, since, times });
  throw lookAgain({ lookedAt: look.at, said: 'something has changed: looks again before it says so' }, soonMs);
}

export interface GuardedRules {
  readonly service: ServiceRules;
  readonly environment: EnvironmentRules;
  readonly guardian: GuardianRule;
}

/** In words why there is nothing to look after. */
function rulesOf({ rulebook, environment: name }: Zone, asked: string): GuardedRules | string {
  const service = serviceOf(rulebook, asked);
  if (!service.ok) return service.refusal.message;
  if (!service.value.path.includes(name)) return `${asked} does not come to ${name} any more`;
  const environment = environmentOf(rulebook, name);
  const guardian = rulebook.guardians?.[name];
  if (!environment.ok || guardian === undefined) {
    return `${name} has no guardian in the workers' configuration: write environments.${name}.guardian, and start them anew`;
  }
  return { service: service.value, environment: environment.value, guardian };
}

/** Milliseconds. */
function firstIn(
  { first, environment, service, suspected }: LookRequest,
  nowMs: number,
  { everyMs, soonMs }: { readonly everyMs: number; readonly soonMs: number },
): number {
  if (first === 'part') return Math.floor(partOf(`${environment}/${service}`) * everyMs);
  if (first === 'soon' && suspected !== undefined) {
    return Math.min(soonMs, Math.max(0, Date.parse(suspected.since) + soonMs - nowMs));
  }
  return { now: 0, soon: soonMs, round: everyMs }[first];
}

const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

/** From 0 to 1, always the same for a name, and spread evenly over names (FNV-1a). */
export function partOf(name: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  // the last bits are spread best
  return (hash % 9_973) / 9_973;
}

/** The zone remembers another promotion than the guardian was told of. */
function isAnother({ guarded }: Look & { readonly kind: 'seen' }, { guarded: told }: LookRequest): boolean {
  return told?.version !== guarded.version || told.digest !== guarded.digest || told.workflowId !== guarded.workflowId;
}

/** Undefined: this was not seen before. */
function suspicionOf(
  saved: Suspicion | undefined,
  suspected: Suspected | undefined,
  key: string,
): Suspicion | undefined {
  if (saved?.key === key) return saved;
  return suspected?.key === key ? { ...suspected, times: 1 } : undefined;
}

function timesNeeded(findings: readonly Seen[], known: readonly Seen[]): number {
  const keys = known.map(findingKey);
  const isNew = (one: Seen): boolean => !keys.includes(findingKey(one));
  const fresh = findings.filter(isNew);
  return fresh.length > 0 && fresh.every((one) => one.about === 'blind') ? TIMES_BLIND : TIMES;
}
