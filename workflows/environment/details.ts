/** The desk as the Temporal UI shows it. */
import { setCurrentDetails } from '@temporalio/workflow';
import { describeRestraint, isInForce } from '../../src/domain/restraint.ts';
import { servicesWaitedFor, waitingFor } from '../../src/domain/turns.ts';
import type { Desk } from './desk.ts';

/** More is in the query's answer. */
const SHOWN = 20;

export function showDesk(desk: Desk): void {
  setCurrentDetails(deskDetails(desk, Date.now()));
}

export function deskDetails({ restraints: all, turns }: Pick<Desk, 'restraints' | 'turns'>, nowMs: number): string {
  const restraints = all
    .filter((one) => isInForce(one, nowMs))
    .map(
      (one) =>
        `- **${one.kind}** ${describeRestraint(one)}, ${one.until === undefined ? 'until lifted' : `until ${one.until}`}`,
    );
  const held = turns.held.map((one) => `- ${one.service} ${one.version} since ${one.since}`);
  const queue = servicesWaitedFor(turns).flatMap((service) =>
    waitingFor(turns, service).map(
      (one, index) => `- ${service}, number ${index + 1}: ${one.version}, asked ${one.askedAt}`,
    ),
  );
  return [
    ...list('Stops and holds', restraints, 'none'),
    ...list('Changing something now', held, 'nobody'),
    ...list('Waiting for their turn', queue, 'nobody'),
  ].join('\n');
}

function list(title: string, lines: readonly string[], none: string): readonly string[] {
  const more = lines.length > SHOWN ? [`- … and ${lines.length - SHOWN} more`] : [];
  return [`**${title}**`, ...(lines.length === 0 ? [none] : [...lines.slice(0, SHOWN), ...more]), ''];
}
