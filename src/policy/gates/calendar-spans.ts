/** iCalendar events (RFC 5545) as spans of time. ical.js reads and repeats; what a local time means is decided here. */
import type ICAL from 'ical.js';
import { LONGEST_FREEZE } from './freeze-limits.ts';
import { type CalendarEvent, readEvents } from './calendar-events.ts';
import { type Span, longestStretch } from './span.ts';
import { DAY } from './zoned-time.ts';

/** A rule that repeats daily from the earliest permitted start on stays below it for over a century. */
const MOST_REPETITIONS = 40_000;

/** What of a calendar may matter within a stretch of time. */
export function calendarSpans(ics: string, zone: string | undefined, within: Span): readonly Span[] {
  const { events } = readEvents(ics, zone);
  return spansOf(events, within);
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

function spansOf(events: readonly CalendarEvent[], within: Span): readonly Span[] {
  const replaced = new Set(
    events.flatMap(({ uid, replaces }) => (replaces === undefined ? [] : [`${uid} ${replaces}`])),
  );
  return events.flatMap((event) =>
    startsOf(event, within)
      .filter((start) => event.replaces !== undefined || !replaced.has(`${event.uid} ${event.startOf(start)}`))
      .filter((start) => !event.excludes(start))
      .map((start) => ({ start: event.startOf(start), end: event.endOf(start) }))
      .filter((span) => span.end > within.start && span.start < within.end),
  );
}

function startsOf(event: CalendarEvent, within: Span): readonly ICAL.Time[] {
  if (event.rule === undefined) return event.cancelled ? [] : [event.first];
  const starts: ICAL.Time[] = [];
  const iterator = event.rule.iterator(event.first);
  for (let count = 0; count < MOST_REPETITIONS; count += 1) {
    const next = iterator.next() as ICAL.Time | null;
    if (next === null) break;
    const start = event.startOf(next);
    if (start > within.end || start > event.until) break;
    if (event.endOf(next) > within.start) starts.push(next.clone());
  }
  return event.cancelled ? [] : starts;
}
