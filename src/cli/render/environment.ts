import type { EnvironmentView } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import { pastLine, restraintLine } from '../../domain/restraint.ts';
import { servicesWaitedFor, type Turns, waitingFor } from '../../domain/turns.ts';
import { unreadLine } from '../../domain/unread.ts';
import type { Paint } from '../terminal.ts';
import { renderDrift } from './guardian.ts';
import { renderRollback } from './rollback.ts';
import { table } from './table.ts';
import { formatTime } from './time.ts';

export function renderEnvironment(status: EnvironmentView, paint: Paint): string {
  const { environment, restraints, running, turns, unread, past = [], rollbacks = [], drifted = [] } = status;
  const runs = Object.entries(running).map(([service, one]) => [
    service,
    one.version,
    shortDigest(one.digest),
    formatTime(one.since),
    one.requestedBy,
    one.approvedBy.join(', '),
  ]);
  return [
    paint('bold', environment),
    ...(unread === undefined ? [] : [paint('yellow', `  not known yet: ${unreadLine(environment, unread)}`)]),
    ...restraints.map((one) => paint('yellow', `  ${restraintLine(one, formatTime)}`)),
    ...rollbacks.flatMap((one) => renderRollback(one, paint)).map((line) => `  ${line}`),
    ...drifted.flatMap((one) => renderDrift(one, paint)).map((line) => `  ${line}`),
    ...table(['runs', 'version', 'digest', 'since', 'by', 'approved by'], runs).map((line) => `  ${line}`),
    ...turns.held.map((one) => `  changing now: ${one.service} ${one.version} since ${formatTime(one.since)}`),
    ...waiting(turns),
    ...past.map((one) => paint('dim', `  before: ${pastLine(one, formatTime)}`)),
  ].join('\n');
}

/** Each service has its own line: number 1 is who goes next for it. */
function waiting(turns: Turns): readonly string[] {
  return servicesWaitedFor(turns).flatMap((service) =>
    waitingFor(turns, service).map(({ version, priority, askedAt }, index) => {
      const how = priority === 'hot-fix' ? ', a hot-fix' : '';
      return `  waiting for ${service}, number ${index + 1}: ${version}${how}, since ${formatTime(askedAt)}`;
    }),
  );
}
