/** Until when freeze windows cover an instant, adjoining windows counted as one. */
import type { FreezeWindow } from '../../domain/gate.ts';
import { calendarSpans } from './calendar-spans.ts';
import { LONGEST_FREEZE } from './freeze-limits.ts';
import { type Span, endOfStretch } from './span.ts';
import { occurrencesNear } from './weekly-hours.ts';
import { DAY, readTime } from './zoned-time.ts';

/** When what covers `at` is over; undefined: nothing covers it. Where clocks change, the wider reading counts. */
export function frozenUntil(windows: readonly FreezeWindow[], at: number): number | undefined {
  const fixed = windows.flatMap((window) => fixedSpans(window, at));
  const weekly = windows.filter((window) => window.form === 'weekly');
  let end = at;
  for (;;) {
    const near = weekly.flatMap((window) => weeklySpans(window, end));
    const next = endOfStretch([...fixed, ...near], end);
    if (next === undefined) return end === at ? undefined : end;
    end = next;
    if (end - at > LONGEST_FREEZE) return end;
  }
}

function fixedSpans(window: FreezeWindow, at: number): readonly Span[] {
  if (window.form === 'weekly') return [];
  if (window.form === 'calendar') {
    return calendarSpans(window.ics, window.zone, { start: at, end: at + LONGEST_FREEZE + DAY });
  }
  const start = readTime(window.start, window.zone)?.earliest;
  const end = readTime(window.end, window.zone)?.latest;
  return start === undefined || end === undefined ? [] : [{ start, end }];
}

function weeklySpans(window: Extract<FreezeWindow, { form: 'weekly' }>, at: number): readonly Span[] {
  return occurrencesNear(window, at, 2, 1).map(({ start, end }) => ({ start: start.earliest, end: end.latest }));
}

/** Whether weekly windows leave no pause. Some week of a year without changes of the law stands for all. */
export function weeklyFreezeNeverEnds(windows: readonly FreezeWindow[]): boolean {
  const weekly = windows.filter((window) => window.form === 'weekly');
  if (weekly.length === 0) return false;
  const sample = Date.UTC(2024, 0, 1);
  const end = frozenUntil(weekly, sample);
  return end !== undefined && end - sample > LONGEST_FREEZE;
}
