/** `metrics --baseline FILE`: the figures of before, as people write them: `promotion-time: 20m`, `failure-rate: 12%`. */
import { parse } from 'yaml';
import { ConfigError } from '../config/config-error.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { parseDuration } from '../config/duration.ts';
import { readText } from '../config/load.ts';
import type { Problem } from '../domain/error-code.ts';
import { type Baseline, isFigureName } from '../figures/baseline.ts';
import { FIGURES, type FigureName, UNITS, type Unit } from '../figures/figures.ts';

/** Throws `config-missing`, and `config-invalid` with all mistakes at once. */
export function readBaseline(file: string): Baseline {
  const written = parsed(file);
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new ConfigError('config-invalid', [
      { where: file, message: 'expected a mapping such as "promotion-time: 20m"' },
    ]);
  const problems: Problem[] = [];
  const baseline = new Map<FigureName, number>();
  for (const [name, text] of Object.entries(written)) {
    const value = isFigureName(name) ? valueOf(text, UNITS[name]) : undefined;
    if (isFigureName(name) && value !== undefined) baseline.set(name, value);
    else problems.push({ where: `${file}: ${name}`, ...faultOf(name, text) });
  }
  if (problems.length > 0) throw new ConfigError('config-invalid', problems);
  return Object.fromEntries(baseline);
}

function parsed(file: string): unknown {
  try {
    return parse(readText(file));
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ConfigError('config-missing', [{ where: file, message, remedy: 'check --baseline' }]);
  }
}

const WRITTEN_AS: Readonly<Record<Unit, string>> = {
  ms: 'a duration such as 20m or 1h',
  share: 'a share such as 12%',
  'per-day': 'how often a day, such as 0.5',
};

function faultOf(name: string, text: unknown): Omit<Problem, 'where'> {
  if (isFigureName(name)) return { message: `${JSON.stringify(text)} is not ${WRITTEN_AS[UNITS[name]]}` };
  return { message: `there is no such figure${didYouMean(name, FIGURES)}`, remedy: `one of ${FIGURES.join(', ')}` };
}

function valueOf(text: unknown, unit: Unit): number | undefined {
  if (unit === 'ms') return typeof text === 'string' ? parseDuration(text) : undefined;
  if (unit === 'per-day') return typeof text === 'number' && text >= 0 ? text : undefined;
  const [, percent] = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(typeof text === 'string' ? text : '') ?? [];
  const share = Number(percent) / 100;
  return percent === undefined || share > 1 ? undefined : share;
}
