import type { BoardPlace, ListedRelease } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime } from './time.ts';

export function renderList(releases: readonly ListedRelease[], paint: Paint): string {
  if (releases.length === 0) return 'no release';
  const rows = releases.map((one) => [
    one.service,
    one.version,
    one.outcome ?? (one.running ? 'running' : 'ended'),
    one.environment ?? '',
    one.waitingFor ?? '',
    formatTime(one.startedAt),
    one.requestedBy ?? '',
  ]);
  return withHead(table(['service', 'version', 'outcome', 'environment', 'waits for', 'started', 'by'], rows), paint);
}

export function renderBoard(places: readonly BoardPlace[], paint: Paint): string {
  if (places.length === 0) return 'nothing has been released yet';
  const rows = places.map(({ service, environment, running, entering }) => [
    service,
    environment,
    running?.version ?? '',
    running?.digest === undefined ? '' : shortDigest(running.digest),
    running === undefined ? '' : formatTime(running.since),
    peopleOf(running),
    entering
      .map((one) => `${one.version}${one.waitingFor === undefined ? '' : ` (waits: ${one.waitingFor})`}`)
      .join(', '),
  ]);
  return withHead(table(['service', 'environment', 'version', 'digest', 'since', 'by', 'entering'], rows), paint);
}

function peopleOf(running: BoardPlace['running']): string {
  if (running === undefined) return '';
  const yes = running.approvedBy.length === 0 ? '' : ` (yes: ${running.approvedBy.join(', ')})`;
  return `${running.requestedBy ?? ''}${yes}`;
}

function withHead([head = '', ...rows]: readonly string[], paint: Paint): string {
  return [paint('dim', head), ...rows].join('\n');
}
