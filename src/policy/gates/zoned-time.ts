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
  const rules = IANAZone.create(zone);
  const candidates = [local - DAY, local + DAY].map((near) => local - rules.offset(near) * MINUTE);
  const real = candidates.filter((instant) => instant + rules.offset(instant) * MINUTE === local);
  const readings = real.length > 0 ? real : candidates;
  return { earliest: Math.min(...readings), latest: Math.max(...readings) };
}

/** The wall clock of `zone` at an instant, as if it were UTC. */
export function wallClock(zone: string, instant: number): number {
  return instant + IANAZone.create(zone).offset(instant) * MINUTE;
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
