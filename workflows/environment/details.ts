/** The desk as the Temporal UI shows it. */
import { setCurrentDetails } from '@temporalio/workflow';
import { describeRestraint, isInForce } from '../../src/domain/restraint.ts';
import type { Desk } from './desk.ts';

/** More is in the query's answer. */
const SHOWN = 20;

export function showDesk(desk: Desk): void {
  const restraints = desk.restraints
    .filter((one) => isInForce(one, Date.now()))
    .map(
      (one) =>
        `- **${one.kind}** ${describeRestraint(one)}, ${one.until === undefined ? 'until lifted' : `until ${one.until}`}`,
    );
  const held = desk.turns.held.map((one) => `- ${one.service} ${one.version} since ${one.since}`);
  const queue = desk.turns.queue.map((one) => `- ${one.service} ${one.version}, asked ${one.askedAt}`);
  setCurrentDetails(
    [
      ...list('Stops and holds', restraints, 'none'),
      ...list('Changing something now', held, 'nobody'),
      ...list('Waiting for their turn', queue, 'nobody'),
    ].join('\n'),
  );
}

function list(title: string, lines: readonly string[], none: string): readonly string[] {
  const more = lines.length > SHOWN ? [`- … and ${lines.length - SHOWN} more`] : [];
  return [`**${title}**`, ...(lines.length === 0 ? [none] : [...lines.slice(0, SHOWN), ...more]), ''];
}
