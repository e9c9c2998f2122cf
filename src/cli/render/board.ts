import type { BoardPlace, DeskReport, HealthSeen } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import { restraintLine } from '../../domain/restraint.ts';
import { unreadLine } from '../../domain/unread.ts';
import { waitLine } from '../../domain/waiting.ts';
import type { Paint } from '../terminal.ts';
import { renderDrift } from './guardian.ts';
import { table } from './table.ts';
import { formatTime, withTimes } from './time.ts';

const NO_DESKS: DeskReport = { known: [], unanswered: [] };
const COLUMNS = ['service', 'environment', 'version', 'digest', 'since', 'health, last seen', 'by', 'entering'];

/** `desks`: all of them, also those of environments without a place on this board. `missing`: what the places leave out. */
export function renderBoard(
  places: readonly BoardPlace[],
  paint: Paint,
  desks: DeskReport = NO_DESKS,
  missing = 0,
): string {
  const restrained = renderDesks(desks, paint);
  if (places.length === 0) return [...restrained, 'nothing has been released yet'].join('\n');
  const rows = places.map(({ service, environment, running, entering, changing, queue = [], drift }) => [
    service,
    environment,
    `${running?.version ?? ''}${drift === undefined ? '' : ' (drifted)'}`.trimStart(),
    running?.digest === undefined ? '' : shortDigest(running.digest),
    running === undefined ? '' : formatTime(running.since),
    healthOf(running?.health),
    peopleOf(running),
    entering.map((one) => `${one.version}${standing(one, changing, queue)}`).join(', '),
  ]);
  const [head = '', ...board] = table(COLUMNS, rows);
  const rest = `${missing} older changes that are under way are not shown: name a service, or say --all`;
  const left = missing > 0 ? [paint('yellow', rest)] : [];
  return [
    ...restrained,
    paint('dim', head),
    ...board,
    ...renderDrifts(places, paint),
    ...renderWaits(places, paint),
    ...left,
  ].join('\n');
}

function renderDesks({ known, unanswered }: DeskReport, paint: Paint): readonly string[] {
  const lines = known.flatMap(({ environment, restraints, unread }) => [
    ...(unread === undefined ? [] : [paint('yellow', `not known yet: ${unreadLine(environment, unread)}`)]),
    ...restraints.map((one) => paint('yellow', `${environment}  ${restraintLine(one, formatTime)}`)),
  ]);
  if (unanswered.length === 0) return lines;
  const silent = `no worker answers for ${unanswered.join(', ')}: stops, holds and turns there are not known`;
  return [...lines, paint('dim', silent)];
}

/** What guardians have found, under the table. */
function renderDrifts(places: readonly BoardPlace[], paint: Paint): readonly string[] {
  return places.flatMap(({ drift }) => (drift === undefined ? [] : ['', ...renderDrift(drift, paint)]));
}

/** What those on their way wait for, under the table: a sentence is too long for a column. */
function renderWaits(places: readonly BoardPlace[], paint: Paint): readonly string[] {
  const waits = places.flatMap(({ service, environment, entering }) =>
    entering.flatMap(({ version, waiting }) => {
      if (waiting === undefined) return [];
      const who = `${service} ${version} → ${environment}`;
      return [
        `${who} ${paint('yellow', 'waits')}  ${withTimes(waitLine(waiting, formatTime))}`,
        ...waiting.answer.map((command) => `    ${paint('cyan', command)}`),
      ];
    }),
  );
  const isUntold = (one: BoardPlace['entering'][number]): boolean =>
    one.waitingFor !== undefined && one.waiting === undefined;
  const untold = places.flatMap(({ entering }) => entering.filter(isUntold)).length;
  const others = `${untold}${waits.length === 0 ? '' : ' more'} ${untold === 1 ? 'waits' : 'wait'}`;
  const more = `why ${others}: sluice status <service> <version>`;
  return [...(waits.length === 0 ? [] : ['', ...waits]), ...(untold === 0 ? [] : ['', paint('dim', more)])];
}

function standing(
  { version, waitingFor, rollback }: BoardPlace['entering'][number],
  changing: BoardPlace['changing'],
  queue: NonNullable<BoardPlace['queue']>,
): string {
  const place = queue.findIndex((one) => one.version === version) + 1;
  const number = place > 0 ? `number ${place}` : '';
  const words = [rollback === true ? 'roll-back' : '', waitingFor === undefined ? '' : `waits: ${waitingFor}`, number];
  if (changing?.version === version) words.push('changing now');
  const said = words.filter((word) => word !== '').join(', ');
  return said === '' ? '' : ` (${said})`;
}

function healthOf(health: HealthSeen | undefined): string {
  if (health === undefined) return '';
  return health.at === undefined ? 'not looked at' : `well ${formatTime(health.at)}`;
}

function peopleOf(running: BoardPlace['running']): string {
  if (running === undefined) return '';
  const yes = running.approvedBy.length === 0 ? '' : ` (yes: ${running.approvedBy.join(', ')})`;
  return `${running.requestedBy ?? ''}${yes}`;
}
