/** Durations as people write them in `sluice.yaml`: one number and one unit. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Shared with the JSON schema, so that editors say the same as `sluice`. */
export const DURATION_PATTERN = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** Milliseconds of `30s`, `10m`, `3d`; undefined when `text` is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  const digits = /^[0-9]+/.exec(text)?.[0] ?? '';
  const unit = text.slice(digits.length) as keyof typeof UNITS;
  return Number(digits) * UNITS[unit];
}

/** The largest unit that says it without a remainder: 86400000 → `1d`. */
export function formatDuration(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS).reverse()) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** Milliseconds of a text that the schema has let pass. */
export function msOf(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw new RangeError(`"${text}" passed the schema and is no duration`);
  return duration;
}
