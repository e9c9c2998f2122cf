/**
 * The earliest time at which a release could enter each environment of its path, under the rules and facts of now. Steps count as
 * an instant, and people answer at once where they are asked: nothing can be earlier, everything can be later.
 */
import type { Refusal } from '../../domain/error-code.ts';
import { GATES_FOR_MS, type GateFacts, type GateRule, type RunningVersion } from '../../domain/gate.ts';
import { groupsInWords } from '../../domain/groups-in-words.ts';
import type { Restraint } from '../../domain/restraint.ts';
import type { ApprovalRule } from '../../domain/rulebook.ts';
import { firstOpening, type Hold, HORIZON_MS, type Opening } from './opening.ts';
import { DAY, toIso } from './zoned-time.ts';

/** One environment of the path, and what is known of it. */
export interface Leg {
  readonly environment: string;
  readonly gates: readonly GateRule[];
  readonly approval?: ApprovalRule;
  /** What it runs now. */
  readonly running?: RunningVersion;
  /** Its plan was refused already. */
  readonly refusal?: Refusal;
  /** Stops and holds in force there. */
  readonly restraints?: readonly Restraint[];
  /** Other releases of the service take their turn first; ISO 8601, a guess. */
  readonly queue?: { readonly expectedAt: string };
}

/** The release as gates see it; `at`: when it would start. */
export type Traveller = Omit<GateFacts, 'environment' | 'running' | 'overrides' | 'restraints'>;

/** Whom it waits for beside the clock. */
export interface Asked {
  /** "2 of release-managers, then 1 of security". */
  readonly whom: string;
  /** ISO 8601: not before the gates are open. */
  readonly from: string;
  /** ISO 8601: when the question ends without enough answers. */
  readonly until: string;
  readonly then: 'refused' | 'asked again';
}

/**
 * `there`: it runs there since `at`; `earliest`: it could enter at `at`; `never`: under these rules it does not, and `why`;
 * `unknown`: something has to happen first that no clock brings.
 */
export type Foreseen = {
  readonly environment: string;
  /** What keeps it out until then, in order. */
  readonly holds: readonly Hold[];
  readonly asked?: Asked;
  /** External gates that are taken to say yes: nobody outside was asked. */
  readonly assumed?: readonly string[];
} & (
  | { readonly answer: 'there' | 'earliest'; readonly at: string }
  | { readonly answer: 'never' | 'unknown'; readonly why: string; readonly refusal?: Refusal }
);

/** In the order of the path. Throws a RangeError when a time cannot be read. */
export function foresee(legs: readonly Leg[], traveller: Traveller): readonly Foreseen[] {
  const seen: Foreseen[] = [];
  const passed: RunningVersion[] = [];
  let ready = traveller.at;
  for (const leg of legs) {
    const found = lookAhead(leg, { ...traveller, at: ready }, passed, seen.at(-1));
    seen.push(found);
    if (!('at' in found)) continue;
    ready = later(ready, found.at);
    const { version, digest } = traveller;
    passed.push({ environment: leg.environment, version, digest, since: found.at });
  }
  return seen;
}

function lookAhead(
  leg: Leg,
  traveller: Traveller,
  passed: readonly RunningVersion[],
  before: Foreseen | undefined,
): Foreseen {
  const { environment, running, refusal, gates, restraints = [], queue } = leg;
  const there = running === undefined ? [] : [running];
  const alone = { environment, holds: [] };
  if (running?.digest === traveller.digest && running.version === traveller.version) {
    return { ...alone, answer: 'there', at: running.since };
  }
  if (refusal !== undefined) return { ...alone, answer: 'never', why: refusal.message, refusal };
  if (before !== undefined && !('at' in before)) {
    return { ...alone, answer: before.answer, why: `it would have to enter ${before.environment} first` };
  }
  const facts = { ...traveller, environment, overrides: [], restraints, running: [...there, ...passed] };
  const opening = firstOpening(gates, facts);
  const answer = answerOf(opening, leg, traveller.at);
  const assumed = opening.assumed === undefined ? {} : { assumed: opening.assumed };
  if (!('at' in answer) || queue === undefined || later(answer.at, queue.expectedAt) === answer.at) {
    return { environment, holds: opening.holds, ...assumed, ...answer };
  }
  // the turn comes after the people, and the gates are asked once more at the door
  const door = firstOpening(gates, { ...facts, at: queue.expectedAt });
  const line = { gates: [], reason: 'other releases take their turn first', from: answer.at, until: queue.expectedAt };
  const holds = [...opening.holds, line, ...door.holds];
  return { environment, holds, ...assumed, ...answer, ...answerOf(door, { environment }, queue.expectedAt) };
}

type Answer =
  | { readonly answer: 'earliest'; readonly at: string; readonly asked?: Asked }
  | { readonly answer: 'never' | 'unknown'; readonly why: string; readonly refusal?: Refusal };

function answerOf(
  opening: Opening,
  { environment, approval }: Pick<Leg, 'environment' | 'approval'>,
  since: string,
): Answer {
  const { answer, at, holds } = opening;
  if (answer === 'refused') return { answer: 'never', why: opening.refusal.message, refusal: opening.refusal };
  if (answer === 'event') return { answer: 'unknown', why: holds.at(-1)?.reason ?? 'something has to happen first' };
  if (answer === 'never') {
    const tried = `within ${HORIZON_MS / DAY} days`;
    return { answer: 'never', why: `the gates of ${environment} are never open at the same time ${tried}` };
  }
  const patience = Date.parse(since) + GATES_FOR_MS;
  if (Date.parse(at) > patience) {
    const why = `the gates of ${environment} open at ${at}, and a release that asks from ${since} on gives up at ${toIso(patience)}`;
    return { answer: 'never', why };
  }
  return { answer: 'earliest', at, ...(approval === undefined ? {} : { asked: askedAt(approval, at) }) };
}

function askedAt(rule: ApprovalRule, from: string): Asked {
  const until = toIso(Date.parse(from) + rule.deadlineMs);
  return { whom: groupsInWords(rule), from, until, then: rule.atDeadline === 'defer' ? 'asked again' : 'refused' };
}

/** Throws a RangeError when one is no time. */
function later(a: string, b: string): string {
  const [first, second] = [Date.parse(a), Date.parse(b)];
  if (Number.isNaN(first + second)) throw new RangeError(`"${a}" or "${b}" is no time`);
  return first >= second ? a : b;
}
