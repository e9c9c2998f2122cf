/** Times as people read them: local day and second, in the zone of the machine. */

/** `2026-11-23 08:15:02`; the text itself when it is no time. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${formatClock(time)}`;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** `Mon 2026-11-23 08:15`, for what lies days ahead; the text itself when it is no time. */
export function formatMoment(iso: string): string {
  const weekday = WEEKDAYS[new Date(iso).getDay()];
  return weekday === undefined ? iso : `${weekday} ${formatTime(iso).slice(0, -3)}`;
}

/** Not what somebody has written, which is quoted as it is. */
const MOMENT = /(?<!["\w])\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A sentence of somebody else (the engine, a gate), with every moment in it as {@link formatTime} writes it, or `format`. */
export function withTimes(text: string, format = formatTime): string {
  return text.replaceAll(MOMENT, (iso) => format(iso));
}

/** `08:15:02`. */
export function formatClock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

/** `0.3 s`, `42 s`, `3 min`, `2 h`, `4 days`. */
export function formatSpan(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}
