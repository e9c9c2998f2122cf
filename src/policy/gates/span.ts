/** Half-open stretches of time in epoch milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The end of the stretch that covers `at`; spans that touch or overlap are one. Undefined: nothing covers it. */
export function endOfStretch(spans: readonly Span[], at: number): number | undefined {
  let end = at;
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start > end) break;
    end = Math.max(end, span.end);
  }
  return end > at ? end : undefined;
}

/** The longest stretch without a pause. */
export function longestStretch(spans: readonly Span[]): number {
  let longest = 0;
  let start = Number.NEGATIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start > end) start = span.start;
    end = Math.max(end, span.end);
    longest = Math.max(longest, end - start);
  }
  return longest;
}
