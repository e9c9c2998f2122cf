import type { ListedRelease } from '../../client/index.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime } from './time.ts';

export interface ListWords {
  /** What stands there instead of an empty list. */
  readonly none?: string;
  /** Of an environment the list has the promotions into it, and says when those have started. */
  readonly started?: 'started' | 'started there';
}

export function renderList(
  releases: readonly ListedRelease[],
  paint: Paint,
  { none = 'no release', started = 'started' }: ListWords = {},
): string {
  if (releases.length === 0) return none;
  const rows = releases.map((one) => [
    one.service,
    one.version ?? '',
    `${one.rollback === true ? 'roll-back ' : ''}${one.outcome ?? (one.running ? 'running' : 'ended')}`,
    one.environment ?? '',
    one.waitingFor ?? '',
    formatTime(one.startedAt),
    one.requestedBy ?? '',
  ]);
  const [head = '', ...list] = table(
    ['service', 'version', 'outcome', 'environment', 'waits for', started, 'by'],
    rows,
  );
  return [paint('dim', head), ...list].join('\n');
}
