/** The events of one calendar, each with its local times resolved; everything that cannot be relied on is a problem. */
import ICAL from 'ical.js';
import { ruleProblem } from './calendar-rule.ts';
import { type Readings, isZone, readingsOf } from './zoned-time.ts';

const MOST_EVENTS = 1_000;
const MOST_REPEATING = 25;
const EARLIEST_YEAR = 2000;
const LATEST_YEAR = 2060;

export interface CalendarEvent {
  readonly uid: string;
  readonly first: ICAL.Time;
  readonly start: number;
  readonly rule: ICAL.Recur | undefined;
  /** Last instant at which a repetition may start. */
  readonly until: number;
  /** Start of the repetition in whose place it stands. */
  readonly replaces: number | undefined;
  readonly cancelled: boolean;
  startOf(time: ICAL.Time): number;
  endOf(time: ICAL.Time): number;
  /** Of the first repetition; others may differ by an hour. */
  readonly length: number;
  excludes(time: ICAL.Time): boolean;
}

export interface CalendarContent {
  readonly events: readonly CalendarEvent[];
  readonly problems: readonly string[];
}

/** `zone`: of all-day events and of times without a zone. */
export function readEvents(ics: string, zone: string | undefined): CalendarContent {
  let calendar: ICAL.Component;
  try {
    const parsed: unknown = ICAL.parse(ics);
    calendar = new ICAL.Component(parsed as never);
  } catch (cause) {
    return {
      events: [],
      problems: [`it is no iCalendar file: ${cause instanceof Error ? cause.message : String(cause)}`],
    };
  }
  if (calendar.name !== 'vcalendar') return { events: [], problems: ['it is no iCalendar file: no VCALENDAR'] };
  const parts = calendar.getAllSubcomponents('vevent');
  const repeating = parts.filter((part) => part.hasProperty('rrule')).length;
  if (parts.length === 0) return { events: [], problems: ['it holds no event'] };
  if (parts.length > MOST_EVENTS) return { events: [], problems: [`it holds more than ${MOST_EVENTS} events`] };
  if (repeating > MOST_REPEATING) return { events: [], problems: [`more than ${MOST_REPEATING} of its events repeat`] };

  const events: CalendarEvent[] = [];
  const problems: string[] = [];
  for (const part of parts) {
    try {
      events.push(readEvent(part, calendar, zone));
    } catch (cause) {
      const name = String(part.getFirstPropertyValue('summary') ?? part.getFirstPropertyValue('uid') ?? 'an event');
      problems.push(`"${name.slice(0, 60)}": ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { events, problems };
}

function readEvent(part: ICAL.Component, calendar: ICAL.Component, zone: string | undefined): CalendarEvent {
  const begin = part.getFirstProperty('dtstart');
  if (begin === null) throw new Error('it has no DTSTART');
  const first = timeOf(begin);
  if (first.year < EARLIEST_YEAR || first.year > LATEST_YEAR)
    throw new Error(`it starts outside the years ${EARLIEST_YEAR} to ${LATEST_YEAR}`);
  for (const unsupported of ['rdate', 'exrule']) {
    if (part.hasProperty(unsupported)) throw new Error(`${unsupported.toUpperCase()} is not supported`);
  }
  const clock = (property: ICAL.Property) => clockOf(property, calendar, zone);
  const read = clock(begin);
  const start = read(first).earliest;
  const rule = ruleOf(part);
  const until = rule?.until;
  const excluded = new Set(
    part.getAllProperties('exdate').flatMap((one) => timesOf(one).map((time) => clock(one)(time).earliest)),
  );
  const excludedDays = new Set(
    part
      .getAllProperties('exdate')
      .flatMap(timesOf)
      .filter((time) => time.isDate)
      .map(dayOf),
  );
  const original = part.getFirstProperty('recurrence-id');
  if (original?.getParameter('range') !== undefined) throw new Error('RANGE of RECURRENCE-ID is not supported');
  const ends = endOf(part, first, start, read, clock);
  return {
    uid: String(part.getFirstPropertyValue('uid') ?? ''),
    first,
    start,
    rule: rule === undefined ? undefined : withoutUntil(rule),
    until: until == null ? Number.POSITIVE_INFINITY : lastStart(until, read),
    replaces: original == null ? undefined : clock(original)(timeOf(original)).earliest,
    cancelled: String(part.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED',
    startOf: (time) => read(time).earliest,
    endOf: ends,
    length: ends(first) - start,
    excludes: (time) => excluded.has(read(time).earliest) || excludedDays.has(dayOf(time)),
  };
}

/** Days are counted on the wall clock, an end given as a time is an exact distance from the start (RFC 5545, 3.8.5.3). */
function endOf(
  part: ICAL.Component,
  first: ICAL.Time,
  start: number,
  read: (time: ICAL.Time) => Readings,
  clock: (property: ICAL.Property) => (time: ICAL.Time) => Readings,
): (time: ICAL.Time) => number {
  const end = part.getFirstProperty('dtend');
  if (end !== null) {
    const last = timeOf(end);
    const length = clock(end)(last).latest - start;
    if (length <= 0) throw new Error('its DTEND is not after its DTSTART');
    if (!first.isDate) return (time) => read(time).earliest + length;
    const days = ICAL.Duration.fromSeconds(last.subtractDate(first).toSeconds());
    return (time) => read(later(time, days)).latest;
  }
  const written = part.getFirstPropertyValue('duration');
  const duration =
    written instanceof ICAL.Duration ? written : first.isDate ? new ICAL.Duration({ days: 1 } as never) : undefined;
  if (duration === undefined) throw new Error('it has neither DTEND nor DURATION: it would never end, or never begin');
  if (duration.toSeconds() <= 0) throw new Error('its DURATION is not positive');
  return (time) => read(later(time, duration)).latest;
}

function later(time: ICAL.Time, duration: ICAL.Duration): ICAL.Time {
  const moved = time.clone();
  moved.addDuration(duration);
  return moved;
}

/** How the local times of a property become instants: UTC, a zone of the IANA database, one that the file defines, or `zone`. */
function clockOf(
  property: ICAL.Property,
  calendar: ICAL.Component,
  zone: string | undefined,
): (time: ICAL.Time) => Readings {
  const id = property.getParameter('tzid');
  if (typeof id === 'string') {
    if (isZone(id)) return (time) => readingsOf(id, localOf(time));
    const definition = calendar
      .getAllSubcomponents('vtimezone')
      .find((one) => one.getFirstPropertyValue('tzid') === id);
    if (definition === undefined) throw new Error(`its time zone "${id}" is neither known nor defined in the file`);
    const problem = zoneProblem(definition);
    if (problem !== undefined) throw new Error(`its time zone "${id}" cannot be used: ${problem}`);
    const own = new ICAL.Timezone(definition);
    return (time) => both(localOf(time) - own.utcOffset(time) * 1_000);
  }
  return (time) => {
    if (time.zone === ICAL.Timezone.utcTimezone) return both(localOf(time));
    if (zone === undefined) throw new Error('it has all-day or local times: say in which "zone" they are meant');
    return readingsOf(zone, localOf(time));
  };
}

/** Its rules repeat like those of events, and are not to be looked at for ever either. */
function zoneProblem(definition: ICAL.Component): string | undefined {
  const parts = definition.getAllSubcomponents();
  if (parts.length === 0) return 'it has no STANDARD or DAYLIGHT';
  const rules = parts.flatMap((part) => part.getAllProperties('rrule')).map((one) => one.getFirstValue());
  return rules.flatMap((rule) =>
    rule instanceof ICAL.Recur ? (ruleProblem(rule) ?? []) : 'its RRULE cannot be read',
  )[0];
}

function ruleOf(part: ICAL.Component): ICAL.Recur | undefined {
  const [rule, ...more] = part.getAllProperties('rrule').map((one) => one.getFirstValue());
  if (rule === undefined) return undefined;
  if (!(rule instanceof ICAL.Recur) || more.length > 0)
    throw new Error('its RRULE cannot be read, or there are several');
  const problem = ruleProblem(rule);
  if (problem !== undefined) throw new Error(problem);
  return rule;
}

/** UNTIL is an instant, repetitions are local times: the comparison is made here, not by the iterator. */
function withoutUntil(rule: ICAL.Recur): ICAL.Recur {
  const endless = rule.clone();
  endless.until = null as never;
  return endless;
}

function lastStart(until: ICAL.Time, read: (time: ICAL.Time) => Readings): number {
  if (until.zone === ICAL.Timezone.utcTimezone && !until.isDate) return localOf(until);
  if (!until.isDate) return read(until).latest;
  const endOfDay = until.clone();
  endOfDay.isDate = false;
  endOfDay.hour = 23;
  endOfDay.minute = 59;
  return read(endOfDay).latest;
}

function timeOf(property: ICAL.Property): ICAL.Time {
  const [time] = timesOf(property);
  if (time === undefined) throw new Error(`its ${property.name.toUpperCase()} is no time`);
  return time;
}

function timesOf(property: ICAL.Property): readonly ICAL.Time[] {
  return property.getValues().filter((value): value is ICAL.Time => value instanceof ICAL.Time);
}

export function localOf(time: ICAL.Time): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
}

function dayOf(time: ICAL.Time): string {
  return `${time.year}-${time.month}-${time.day}`;
}

function both(instant: number): Readings {
  return { earliest: instant, latest: instant };
}
