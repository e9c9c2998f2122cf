import type { BoardPlace, DeskReport, ListedRelease } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import { restraintLine } from '../../domain/restraint.ts';
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

const NO_DESKS: DeskReport = { known: [], unanswered: [] };

/** `desks`: all of them, also those of environments without a place on this board. `missing`: what the places leave out. */
export function renderBoard(
  places: readonly BoardPlace[],
  paint: Paint,
  desks: DeskReport = NO_DESKS,
  missing = 0,
): string {
  const restrained = renderDesks(desks, paint);
  if (places.length === 0) return [...restrained, 'nothing has been released yet'].join('\n');
  const rows = places.map(({ service, environment, running, entering, changing, queue = [] }) => [
    service,
    environment,
    running?.version ?? '',
    running?.digest === undefined ? '' : shortDigest(running.digest),
    running === undefined ? '' : formatTime(running.since),
    peopleOf(running),
    entering.map((one) => `${one.version}${standing(one, changing, queue)}`).join(', '),
  ]);
  const board = withHead(
    table(['service', 'environment', 'version', 'digest', 'since', 'by', 'entering'], rows),
    paint,
  );
  const rest = `${missing} older changes that are under way are not shown: name a service, or say --all`;
  return [...restrained, board, ...(missing > 0 ? [paint('yellow', rest)] : [])].join('\n');
}

function renderDesks({ known, unanswered }: DeskReport, paint: Paint): readonly string[] {
  const lines = known.flatMap(({ environment, restraints }) =>
    restraints.map((one) => paint('yellow', `${environment}  ${restraintLine(one, formatTime)}`)),
  );
  if (unanswered.length === 0) return lines;
  const silent = `no worker answers for ${unanswered.join(', ')}: stops, holds and turns there are not known`;
  return [...lines, paint('dim', silent)];
}

function standing(
  { version, waitingFor }: BoardPlace['entering'][number],
  changing: BoardPlace['changing'],
  queue: NonNullable<BoardPlace['queue']>,
): string {
  const place = queue.findIndex((one) => one.version === version) + 1;
  const number = place > 0 ? `number ${place}` : '';
  const words = [waitingFor === undefined ? '' : `waits: ${waitingFor}`, number];
  if (changing?.version === version) words.push('changing now');
  const said = words.filter((word) => word !== '').join(', ');
  return said === '' ? '' : ` (${said})`;
}

function peopleOf(running: BoardPlace['running']): string {
  if (running === undefined) return '';
  const yes = running.approvedBy.length === 0 ? '' : ` (yes: ${running.approvedBy.join(', ')})`;
  return `${running.requestedBy ?? ''}${yes}`;
}

function withHead([head = '', ...rows]: readonly string[], paint: Paint): string {
  return [paint('dim', head), ...rows].join('\n');
}
