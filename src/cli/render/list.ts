import type { ListedRelease } from '../../client/index.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime } from './time.ts';

const COLUMNS = ['service', 'version', 'outcome', 'environment', 'waits for', 'started', 'by'];

export function renderList(releases: readonly ListedRelease[], paint: Paint, none = 'no release'): string {
  if (releases.length === 0) return none;
  const rows = releases.map((one) => [
    one.service,
    one.version,
    `${one.rollback === true ? 'roll-back ' : ''}${one.outcome ?? (one.running ? 'running' : 'ended')}`,
    one.environment ?? '',
    one.waitingFor ?? '',
    formatTime(one.startedAt),
    one.requestedBy ?? '',
  ]);
  const [head = '', ...list] = table(COLUMNS, rows);
  return [paint('dim', head), ...list].join('\n');
}
