/** One event of a watched release, one line. */
import type { WatchEvent } from '../../client/index.ts';
import type { Paint, Style } from '../terminal.ts';
import { formatClock, formatSpan, withTimes } from './time.ts';

const STYLE_OF_STATE: Readonly<Record<NonNullable<WatchEvent['state']>, Style>> = {
  pending: 'dim',
  running: 'cyan',
  done: 'green',
  skipped: 'dim',
  failed: 'red',
  undone: 'yellow',
};

const STYLE_OF_KIND: Readonly<Record<WatchEvent['kind'], Style>> = {
  release: 'bold',
  promotion: 'bold',
  step: 'dim',
  waiting: 'yellow',
  attention: 'red',
  restraint: 'yellow',
  retrying: 'yellow',
  'answer-refused': 'yellow',
  outcome: 'bold',
};

export function renderEvent(event: WatchEvent, paint: Paint): string {
  const clock = paint('dim', formatClock(new Date(event.at)));
  const environment = (event.environment ?? '').padEnd(11);
  const took = event.tookMs === undefined ? '' : `  ${paint('dim', formatSpan(event.tookMs))}`;
  const style = event.state === undefined ? STYLE_OF_KIND[event.kind] : STYLE_OF_STATE[event.state];
  const what = event.kind === 'step' ? `${(event.state ?? '').padEnd(8)} ${event.step ?? ''}` : event.kind;
  const line = `${clock}  ${environment} ${paint(style, what.padEnd(26))} ${withTimes(event.text)}${took}`;
  return [line, ...(event.answer ?? []).map((command) => `${' '.repeat(22)}${paint('cyan', command)}`)].join('\n');
}
