/** Figures of before, to compare with: whatever measured them, people have written them down. Pure. */
import { type Figure, FIGURES, type FigureName } from './figures.ts';

/** In the unit of each figure. */
export type Baseline = Readonly<Partial<Record<FigureName, number>>>;

/** For these, less is better. */
const LESS_IS_BETTER: readonly FigureName[] = [
  'build-time',
  'promotion-time',
  'promotion-work',
  'failure-rate',
  'lead-time',
  'change-failure-rate',
  'time-to-restore',
];

export interface Comparison {
  /** What it was. */
  readonly was: number;
  /** -0.8: by four fifths less. Undefined: it was nothing, or is not known now. */
  readonly change?: number;
  readonly verdict: 'better' | 'worse' | 'same' | 'unknown';
}

/** Undefined: the baseline does not say what it was. */
export function comparedWith(baseline: Baseline, { name, value }: Figure): Comparison | undefined {
  const was = baseline[name];
  if (was === undefined) return undefined;
  if (value === undefined) return { was, verdict: 'unknown' };
  const change = was === 0 ? {} : { change: (value - was) / was };
  if (value === was) return { was, ...change, verdict: 'same' };
  const isBetter = value < was === LESS_IS_BETTER.includes(name);
  return { was, ...change, verdict: isBetter ? 'better' : 'worse' };
}

export function isFigureName(text: string): text is FigureName {
  return (FIGURES as readonly string[]).includes(text);
}
