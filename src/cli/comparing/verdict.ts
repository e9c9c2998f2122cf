/** What a comparison means for a pipeline. */
import type { Comparison } from './compare-services.ts';

export type Strict = 'order' | 'duration';

/** `unwell`: something differs; `failed`: what was asked could not be found out. A Sluice that is faster than legacy fails nothing. */
export function verdictOf({ services }: Comparison, strict: readonly Strict[]): 'ok' | 'unwell' | 'failed' {
  const orders = strict.includes('order') ? services.map(({ order }) => order.answer) : [];
  const spans = strict.includes('duration')
    ? services.map(({ durations }) => durations.map(({ answer }) => answer))
    : [];
  const said = [...services.map(({ answer }) => answer), ...orders, ...spans.flat()];
  if (said.some((one) => one === 'different' || one === 'missing' || one === 'slower')) return 'unwell';
  return said.includes('unknown') || spans.some((known) => known.length === 0) ? 'failed' : 'ok';
}
