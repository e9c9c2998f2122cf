/** Figures for people: one table for each service and period, with what each of them rests on. */
import type { Metrics, ServiceMetrics } from '../../client/index.ts';
import { type Baseline, comparedWith, type Comparison } from '../../figures/baseline.ts';
import type { Figure } from '../../figures/figures.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatSpan, formatTime } from './time.ts';

const COLUMNS = ['figure', 'value', 'runs'];

export function renderMetrics(
  { periods, runs, oldest }: Metrics,
  baseline: Baseline | undefined,
  paint: Paint,
): string {
  const parts = periods.flatMap(({ since, until, services }) => [
    paint('bold', `${formatTime(since)} to ${formatTime(until)}`),
    ...(services.length === 0 ? ['nothing has ended'] : services.map((one) => ofService(one, baseline, paint))),
  ]);
  const from =
    oldest === undefined ? '' : `; the oldest ended ${formatTime(oldest)}, what is older the engine may have forgotten`;
  return [...parts, paint('dim', `from ${runs} promotions${from}`)].join('\n\n');
}

function ofService(
  { service, environment, figures }: ServiceMetrics,
  baseline: Baseline | undefined,
  paint: Paint,
): string {
  const where = environment === undefined ? '' : `, deployments to ${environment}`;
  const rows = figures.map((figure) => [
    figure.name,
    figure.value === undefined ? `(${figure.because ?? 'not known'})` : written(figure, figure.value),
    String(figure.runs),
    ...(baseline === undefined ? [] : [beforeOf(figure, comparedWith(baseline, figure))]),
  ]);
  const head = baseline === undefined ? COLUMNS : [...COLUMNS, 'before'];
  const [title = '', ...lines] = table(head, rows).map((line) => `  ${line}`);
  return [`${service ?? 'all services'}${where}`, paint('dim', title), ...lines].join('\n');
}

function written({ unit }: Pick<Figure, 'unit'>, value: number): string {
  if (unit === 'ms') return formatSpan(value);
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`;
  return value >= 1 ? `${value.toFixed(1)} a day` : `${(value * 7).toFixed(1)} a week`;
}

function beforeOf(figure: Figure, comparison: Comparison | undefined): string {
  if (comparison === undefined) return '';
  const { was, change, verdict } = comparison;
  const by = change === undefined ? '' : `, ${change > 0 ? '+' : ''}${Math.round(change * 100)} %`;
  return `${written(figure, was)}${by}${verdict === 'unknown' ? '' : ` (${verdict})`}`;
}

/** The same for programs, with what each figure was before. */
export function compared(metrics: Metrics, baseline: Baseline): unknown {
  const periods = metrics.periods.map((period) => ({
    ...period,
    services: period.services.map((one) => ({
      ...one,
      figures: one.figures.map((figure) => {
        const before = comparedWith(baseline, figure);
        return before === undefined ? figure : { ...figure, before };
      }),
    })),
  }));
  return { ...metrics, periods };
}
