/**
 * What keeps promotions out of an environment by a person's word: a stop (everything in its scope pauses at the next safe point, until
 * it ends by itself) and a hold (nothing enters for one service until somebody lifts it; a roll-back sets one).
 */
import { isTextOf, LONGEST_NAME, LONGEST_REASON } from './said.ts';

export const RESTRAINTS = ['stop', 'hold'] as const;
export type RestraintKind = (typeof RESTRAINTS)[number];

export interface Restraint {
  readonly kind: RestraintKind;
  /** Undefined: every service of the environment. A hold always names one. */
  readonly service?: string;
  readonly by: string;
  readonly reason: string;
  /** Number or address of the incident behind a stop. */
  readonly incident?: string;
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601; a stop always has an end. */
  readonly until?: string;
}

/** Whoever may write to the namespace can say anything. */
export function isRestraint(said: unknown): said is Restraint {
  if (typeof said !== 'object' || said === null) return false;
  const { kind, service, by, reason, incident, since, until } = said as Readonly<Record<string, unknown>>;
  const isTime = (text: unknown): boolean => typeof text === 'string' && !Number.isNaN(Date.parse(text));
  return (
    RESTRAINTS.some((one) => one === kind) &&
    isTextOf(by, LONGEST_NAME) &&
    isTextOf(reason, LONGEST_REASON) &&
    [service, incident].every((text) => text === undefined || isTextOf(text, LONGEST_NAME)) &&
    isTime(since) &&
    (until === undefined || isTime(until))
  );
}

/** One that is over, and how it ended: by itself, lifted by somebody, or because another word took its place. */
export interface PastRestraint extends Restraint {
  readonly end:
    | { readonly how: 'by-itself'; readonly at: string }
    | { readonly how: 'lifted' | 'replaced'; readonly at: string; readonly by: string; readonly reason?: string };
}

/** How many that are over an environment's desk tells of; everything that was ever said stands in its history. */
const MOST_PAST = 20;

/** The newest first. */
export function withPast(past: readonly PastRestraint[], added: readonly PastRestraint[]): readonly PastRestraint[] {
  return added.length === 0 ? past : [...[...added].reverse(), ...past].slice(0, MOST_PAST);
}

/** Those that are over by themselves, each at its own end. */
export function endedBy(all: readonly Restraint[], nowMs: number): readonly PastRestraint[] {
  return all
    .filter((one) => !isInForce(one, nowMs))
    .map((one) => ({ ...one, end: { how: 'by-itself', at: one.until ?? one.since } }));
}

/** Those that concern the service at that moment, stops first. */
export function restraintsOn(all: readonly Restraint[], service: string, nowMs: number): readonly Restraint[] {
  const those = all.filter((one) => isInForce(one, nowMs) && (one.service === undefined || one.service === service));
  return [...those.filter((one) => one.kind === 'stop'), ...those.filter((one) => one.kind === 'hold')];
}

export function isInForce({ until }: Restraint, nowMs: number): boolean {
  return until === undefined || Date.parse(until) > nowMs;
}

/** One stop and one hold for each scope: a new one takes the place of the one before it. */
export function withRestraint(all: readonly Restraint[], added: Restraint): readonly Restraint[] {
  return [...without(all, added), added];
}

/** The one of that kind and scope, which another word for it replaces or lifts; undefined: there is none. */
export function ofScope(
  all: readonly Restraint[],
  { kind, service }: Pick<Restraint, 'kind' | 'service'>,
): Restraint | undefined {
  return all.find((one) => one.kind === kind && one.service === service);
}

/** "instead of grace's stop for incident INC-1 until …": whoever moves another's word is told so. */
export function insteadOf({ kind, by, incident, reason, until }: Restraint): string {
  const why = incident === undefined ? `(${reason})` : `for incident ${incident}`;
  return `instead of ${by}'s ${kind} ${why} ${until === undefined ? 'until somebody lifts it' : `until ${until}`}`;
}

/** Whether the same person has said just that before. Two words that end by themselves never are the same: the later one ends later. */
export function isRepetition(said: Restraint, all: readonly Restraint[]): boolean {
  const same = ['kind', 'service', 'by', 'reason', 'incident'] as const;
  return all.some(
    (one) => one.until === undefined && said.until === undefined && same.every((field) => one[field] === said[field]),
  );
}

/** Whoever moves their own stop, and names no incident, still means the same one. */
export function moved(before: Restraint | undefined, said: Restraint): Restraint {
  if (before?.incident === undefined || said.incident !== undefined || before.by !== said.by) return said;
  return { ...said, incident: before.incident };
}

/** The others, and whether there was such a one. */
export function without(
  all: readonly Restraint[],
  { kind, service }: Pick<Restraint, 'kind' | 'service'>,
): readonly Restraint[] {
  return all.filter((one) => one.kind !== kind || one.service !== service);
}

/** {@link describeRestraint} and when it ends; `written` says a moment (ISO 8601) as its reader is used to. */
export function restraintLine(restraint: Restraint, written: (iso: string) => string = (iso) => iso): string {
  const { kind, until } = restraint;
  const end = until === undefined ? 'until it is lifted' : `until ${written(until)}`;
  return `${kind}: ${describeRestraint(restraint)}, ${end}`;
}

/** "grace stopped every service: errors everywhere (incident 4711)". */
export function describeRestraint({ kind, by, service, reason, incident }: Restraint): string {
  const verb = kind === 'stop' ? 'stopped' : 'holds';
  const why = incident === undefined ? reason : `${reason} (incident ${incident})`;
  return `${by} ${verb} ${service ?? 'every service'}: ${why}`;
}

/** {@link describeRestraint}, from when to when, and how it ended. */
export function pastLine(past: PastRestraint, written: (iso: string) => string = (iso) => iso): string {
  const { end } = past;
  const since = `${past.kind}: ${describeRestraint(past)}, from ${written(past.since)}`;
  if (end.how === 'by-itself') return `${since}; ended by itself at ${written(end.at)}`;
  const how = end.how === 'lifted' ? 'lifted by' : 'followed by another word of';
  return `${since}; ${how} ${end.by} at ${written(end.at)}${end.reason === undefined ? '' : `: ${end.reason}`}`;
}
