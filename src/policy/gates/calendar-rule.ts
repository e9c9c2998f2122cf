/**
 * Recurrence rules that are certain to have a next occurrence. A rule that never matches (the 30th of February) would keep the
 * iterator looking for ever, so parts that can contradict each other are refused when the calendar is read.
 */
import type ICAL from 'ical.js';

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const PARTS = ['BYDAY', 'BYMONTH', 'BYMONTHDAY'];
const SHORTEST_MONTH = 28;

/** Why a rule is refused, or undefined. */
export function ruleProblem(rule: ICAL.Recur): string | undefined {
  if (!FREQUENCIES.includes(rule.freq)) return `a rule that repeats ${rule.freq} is not supported`;
  const parts = rule.parts as Readonly<Record<string, readonly (string | number)[]>>;
  const unknown = Object.keys(parts).find((part) => !PARTS.includes(part));
  if (unknown !== undefined) return `${unknown} in a rule is not supported`;
  const { BYDAY: days, BYMONTH: months, BYMONTHDAY: monthDays } = parts;
  if (rule.interval < 1 || rule.interval > 1_000) return 'INTERVAL is 1 to 1000';
  if (months?.some((month) => Number(month) < 1 || Number(month) > 12) === true) return 'BYMONTH is 1 to 12';
  if (monthDays !== undefined && !hasEveryMonth(monthDays))
    return `BYMONTHDAY is 1 to ${SHORTEST_MONTH}, or -1 to -${SHORTEST_MONTH}`;
  if (monthDays !== undefined && days !== undefined) return 'BYMONTHDAY together with BYDAY is not supported';
  if (monthDays !== undefined && ['DAILY', 'WEEKLY'].includes(rule.freq))
    return `BYMONTHDAY with ${rule.freq} is not supported`;
  if (months !== undefined && rule.freq !== 'YEARLY') return `BYMONTH with ${rule.freq} is not supported; use YEARLY`;
  if (days?.some((day) => !isDay(String(day), rule.freq)) === true)
    return `BYDAY cannot be ${days.join(',')} with ${rule.freq}`;
  if (days !== undefined && rule.freq === 'DAILY' && rule.interval > 1)
    return 'BYDAY with every few days is not supported';
  return undefined;
}

function hasEveryMonth(monthDays: readonly (string | number)[]): boolean {
  return monthDays.every((day) => Math.abs(Number(day)) >= 1 && Math.abs(Number(day)) <= SHORTEST_MONTH);
}

/** A number before the day (`1MO`, `-1FR`) counts within a month; the fifth one does not exist in every month. */
function isDay(day: string, frequency: string): boolean {
  const [, number, name] = /^([+-]?[1-4])?(MO|TU|WE|TH|FR|SA|SU)$/.exec(day) ?? [];
  return name !== undefined && (number === undefined || frequency === 'MONTHLY' || frequency === 'YEARLY');
}
