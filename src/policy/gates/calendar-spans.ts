/** iCalendar events (RFC 5545) as spans of time. ical.js reads and repeats; what a local time means is decided here. */
import type ICAL from 'ical.js';
import { LONGEST_FREEZE } from './freeze-limits.ts';
import { type CalendarEvent, localOf, readEvents } from './calendar-events.ts';
import { type Span, longestStretch } from './span.ts';
import { DAY } from './zoned-time.ts';

/** A rule that repeats daily from the earliest permitted start on stays below it for two centuries. */
const MOST_REPETITIONS = 80_000;

/** Spans by calendar, because reading one is slow and whoever looks ahead asks the same one for day after day. */
const KNOWN = new Map<string, Known>();
const MOST_KNOWN = 32;

interface Known {
  readonly zone: string | undefined;
  readonly within: Span;
  readonly spans: readonly Span[];
}

/** What of a calendar may matter within a stretch of time. */
export function calendarSpans(ics: string, zone: string | undefined, within: Span): readonly Span[] {
  const known = KNOWN.get(ics);
  const serves = known !== undefined && known.zone === zone && isInside(within, known.within);
  const ahead = { start: within.start, end: within.end + LONGEST_FREEZE };
  const { spans } = serves ? known : remember(ics, zone, ahead);
  return spans.filter((span) => isWithin(span, within));
}

function remember(ics: string, zone: string | undefined, within: Span): Known {
  const { events } = readEvents(ics, zone);
  const known = { zone, within, spans: spansOf(events, within) };
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  KNOWN.set(ics, known);
  return known;
}

function isInside(part: Span, whole: Span): boolean {
  return whole.start <= part.start && part.end <= whole.end;
}

function isWithin({ start, end }: Span, within: Span): boolean {
  return end > within.start && start < within.end;
}

/** Why a calendar is refused; empty: it can be used. */
export function calendarProblems(ics: string, zone: string | undefined): readonly string[] {
  const { events, problems } = readEvents(ics, zone);
  if (problems.length > 0) return problems;
  const starts = events.map((event) => event.start);
  const within = { start: Math.min(...starts), end: Math.max(...starts) + 2 * LONGEST_FREEZE };
  if (longestStretch(spansOf(events, within)) <= LONGEST_FREEZE) return [];
  return [`its events leave no pause for more than ${LONGEST_FREEZE / DAY} days: this freeze would never end`];
}

interface Occurrence extends Span {
  readonly time: ICAL.Time;
}

function spansOf(events: readonly CalendarEvent[], within: Span): readonly Span[] {
  const replaced = new Set(
    events.flatMap(({ uid, replaces }) => (replaces === undefined ? [] : [`${uid} ${replaces}`])),
  );
  return events.flatMap((event) =>
    occurrencesOf(event, within)
      .filter(({ start }) => event.replaces !== undefined || !replaced.has(`${event.uid} ${start}`))
      .filter(({ time }) => !event.excludes(time))
      .filter((span) => isWithin(span, within))
      .map(({ start, end }) => ({ start, end })),
  );
}

function occurrencesOf(event: CalendarEvent, within: Span): readonly Occurrence[] {
  if (event.cancelled) return [];
  const { first, rule, startOf, endOf } = event;
  if (rule === undefined) return [{ start: event.start, end: endOf(first), time: first }];
  const found: Occurrence[] = [];
  // compared on the wall clock, which is never two days away from an instant, because zones are slow to ask
  const early = within.start - event.length - 2 * DAY;
  const iterator = rule.iterator(nearer(first, rule, early));
  for (let count = 0; count < MOST_REPETITIONS; count += 1) {
    const next = iterator.next() as ICAL.Time | null;
    if (next === null) break;
    if (localOf(next) < early) continue;
    const start = startOf(next);
    if (start > within.end || start > event.until) break;
    found.push({ start, end: endOf(next), time: next.clone() });
  }
  return found;
}

/** Days and weeks repeat evenly, so that years gone by need not be counted through; a COUNT needs them. */
function nearer(first: ICAL.Time, rule: ICAL.Recur, early: number): ICAL.Time {
  const days = { DAILY: 1, WEEKLY: 7 }[String(rule.freq)];
  if (days === undefined || rule.isByCount()) return first;
  const step = days * rule.interval;
  const skipped = Math.floor((early - localOf(first)) / DAY / step) * step;
  if (skipped <= 0) return first;
  const moved = first.clone();
  moved.adjust(skipped, 0, 0, 0);
  return moved;
}
