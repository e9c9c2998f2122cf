/** Days and weekly hours as people write them, as the windows that gates understand. */
import type { FreezeWindow, Weekday } from '../domain/gate.ts';

const WEEK: readonly Weekday[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

type WeeklyWindow = Extract<FreezeWindow, { form: 'weekly' }>;

export interface WrittenWeek {
  readonly zone: string;
  readonly days?: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** `Mon-Thu`, `Fri-Mon`, `Mon, Wed`, in the order of the week. */
export function daysOf(text: string): readonly Weekday[] {
  const chosen = text.split(/, ?/).flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    return daysBetween(first, last);
  });
  return WEEK.filter((day) => chosen.includes(day));
}

/** One window on each of `days`; or, for `Fri 16:00` to `Mon 09:00`, the days between them as a whole. */
export function weeklyWindows({ zone, days, from, to }: WrittenWeek): readonly WeeklyWindow[] {
  if (days !== undefined) return [{ form: 'weekly', zone, days: daysOf(days), from, to }];
  const [firstDay = '', start = ''] = from.split(' ');
  const [lastDay = '', end = ''] = to.split(' ');
  const week =
    firstDay === lastDay && end <= start
      ? [...daysBetween(firstDay, before(firstDay)), firstDay]
      : daysBetween(firstDay, lastDay);
  if (week.length === 1) return [{ form: 'weekly', zone, days: daysOf(firstDay), from: start, to: end }];
  const between = week.slice(1, -1) as readonly Weekday[];
  const window = (of: readonly Weekday[], begin: string, finish: string): WeeklyWindow => ({
    form: 'weekly',
    zone,
    days: of,
    from: begin,
    to: finish,
  });
  return [
    window(daysOf(firstDay), start, '00:00'),
    ...(between.length === 0 ? [] : [window(between, '00:00', '00:00')]),
    ...(end === '00:00' ? [] : [window(daysOf(lastDay), '00:00', end)]),
  ];
}

function daysBetween(first: string, last: string): readonly Weekday[] {
  const start = WEEK.findIndex((day) => day === first);
  const length = (WEEK.findIndex((day) => day === last) - start + 7) % 7;
  return Array.from({ length: length + 1 }, (_, step) => WEEK[(start + step) % 7] ?? 'Mon');
}

function before(day: string): string {
  return WEEK[(WEEK.findIndex((one) => one === day) + 6) % 7] ?? day;
}
