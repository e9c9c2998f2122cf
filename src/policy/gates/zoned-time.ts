/** Local times of a zone as instants. Twice a year a local time means two instants or none: both readings are given, never a guess. */
import { DateTime, IANAZone } from 'luxon';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** Two readings of one local time; equal except where clocks are put forward or back. */
export interface Readings {
  readonly earliest: number;
  readonly latest: number;
}

export function isZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** `local`: the wall clock as if it were UTC. In a gap both neighbours count, in an overlap both occurrences. */
export function readingsOf(zone: string, local: number): Readings {
  const candidates = [local - DAY, local + DAY].map((near) => local - offsetAt(zone, near));
  const real = candidates.filter((instant) => instant + offsetAt(zone, instant) === local);
  const readings = real.length > 0 ? real : candidates;
  return { earliest: Math.min(...readings), latest: Math.max(...readings) };
}

/** The wall clock of `zone` at an instant, as if it were UTC. */
export function wallClock(zone: string, instant: number): number {
  return instant + offsetAt(zone, instant);
}

/** Offsets by zone and day, because asking is slow and calendars ask for the same days again and again. */
const OFFSETS = new Map<string, number | 'changes'>();
const MOST_OFFSETS = 200_000;

function offsetAt(zone: string, instant: number): number {
  const day = Math.floor(instant / DAY) * DAY;
  const key = `${zone} ${day}`;
  const known = OFFSETS.get(key) ?? dayOffset(zone, day);
  if (OFFSETS.size >= MOST_OFFSETS) OFFSETS.clear();
  OFFSETS.set(key, known);
  return known === 'changes' ? IANAZone.create(zone).offset(instant) * MINUTE : known;
}

function dayOffset(zone: string, day: number): number | 'changes' {
  const rules = IANAZone.create(zone);
  const offset = rules.offset(day);
  return offset === rules.offset(day + DAY) ? offset * MINUTE : 'changes';
}

/** ISO 8601 with an offset, or local time of `zone`; undefined: no such time. */
export function readTime(text: string, zone: string): Readings | undefined {
  const form = ISO.exec(text);
  if (form === null) return undefined;
  const read = DateTime.fromISO(text, { zone: 'utc' });
  if (!read.isValid) return undefined;
  const instant = read.toMillis();
  return form[1] === undefined ? readingsOf(zone, instant) : { earliest: instant, latest: instant };
}

export function toIso(instant: number): string {
  return new Date(instant).toISOString();
}

/** `Fri 2026-12-25 09:00 Europe/Berlin`. */
export function sayTime(instant: number, zone: string): string {
  return `${DateTime.fromMillis(instant, { zone, locale: 'en' }).toFormat('ccc yyyy-MM-dd HH:mm')} ${zone}`;
}
