/** The desk as the Temporal UI shows it. */
import { setCurrentDetails } from '@temporalio/workflow';
import { plainText } from '../../src/domain/plain-text.ts';
import { isInForce, pastLine, restraintLine } from '../../src/domain/restraint.ts';
import { servicesWaitedFor, waitingFor } from '../../src/domain/turns.ts';
import { unreadLine } from '../../src/domain/unread.ts';
import type { Desk } from './desk.ts';

/** More is in the query's answer. */
const SHOWN = 20;
/** Reasons may be long, and details travel in a URL. */
const LINE = 120;

export function showDesk(desk: Desk): void {
  setCurrentDetails(deskDetails(desk, Date.now()));
}

type Shown = Pick<Desk, 'environment' | 'restraints' | 'past' | 'unread' | 'turns'>;

export function deskDetails(desk: Shown, nowMs: number): string {
  const { environment, restraints: all, past, unread, turns } = desk;
  const restraints = all.filter((one) => isInForce(one, nowMs)).map((one) => `- ${line(restraintLine(one))}`);
  // drawn at each round of the desk, of which a thousand holders make many: no more is worded than is shown
  const held = turns.held.slice(0, SHOWN).map((one) => `- ${one.service} ${one.version} since ${one.since}`);
  const queue = servicesWaitedFor(turns)
    .slice(0, SHOWN)
    .flatMap((service) =>
      waitingFor(turns, service).map(
        (one, index) => `- ${service}, number ${index + 1}: ${one.version}, asked ${one.askedAt}`,
      ),
    );
  return [
    ...(unread === undefined ? [] : [`**Not known yet**: ${line(unreadLine(environment, unread))}`, '']),
    ...list('Stops and holds', restraints, 'none'),
    ...list('Changing something now', held, 'nobody', turns.held.length),
    ...list('Waiting for their turn', queue, 'nobody', turns.queue.length),
    ...list(
      'Stopped or held before',
      past.map((one) => `- ${line(pastLine(one))}`),
      'nothing',
    ),
  ].join('\n');
}

function line(text: string): string {
  return plainText(text, LINE);
}

function list(title: string, lines: readonly string[], none: string, total = lines.length): readonly string[] {
  const more = total > SHOWN ? [`- … and ${total - SHOWN} more`] : [];
  return [`**${title}**`, ...(lines.length === 0 ? [none] : [...lines.slice(0, SHOWN), ...more]), ''];
}
