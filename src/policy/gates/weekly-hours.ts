/** Hours that recur weekly: on each of `days` from `from` to `to`, which is the next day when it is not later than `from`. */
import type { Weekday } from '../../domain/gate.ts';
import { DAY, MINUTE, type Readings, readingsOf, wallClock } from './zoned-time.ts';

export interface WeeklyHours {
  readonly zone: string;
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

export interface Occurrence {
  readonly start: Readings;
  readonly end: Readings;
}

/** As `Date.getUTCDay` counts. */
const WEEKDAYS: readonly Weekday[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Occurrences that start on the local days around an instant: `before` days back to `after` days on. */
export function occurrencesNear(hours: WeeklyHours, instant: number, before: number, after: number): Occurrence[] {
  const today = Math.floor(wallClock(hours.zone, instant) / DAY) * DAY;
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  const length = to > from ? to - from : to - from + 1_440;
  const found: Occurrence[] = [];
  for (let day = today - before * DAY; day <= today + after * DAY; day += DAY) {
    const weekday = WEEKDAYS[new Date(day).getUTCDay()];
    if (weekday === undefined || !hours.days.includes(weekday)) continue;
    const start = day + from * MINUTE;
    found.push({ start: readingsOf(hours.zone, start), end: readingsOf(hours.zone, start + length * MINUTE) });
  }
  return found;
}

function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
