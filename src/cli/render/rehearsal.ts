/** A rehearsal for people: what happens when and where, in order, and what it all waited for. */
import type { Rehearsal, RehearsalEvent, RehearsedEnvironment, WaitKind } from '../../rehearsal/rehearsal.ts';
import type { Paint, Style } from '../terminal.ts';
import { formatMoment, formatSpan, withTimes } from './time.ts';

export function renderRehearsal(rehearsal: Rehearsal, paint: Paint): string {
  const { service, version, path, approveAfterMs, events, environments } = rehearsal;
  const width = Math.max(...path.map((one) => one.length));
  const people = approveAfterMs === 0 ? 'at once' : `after ${formatSpan(approveAfterMs)}`;
  return [
    `${paint('bold', `rehearsal of ${service} ${version}`)}  ${path.join(' → ')}; nothing real was touched`,
    paint(
      'dim',
      `image, registries, clusters and people are stand-ins, what is stated about the image is taken for granted; steps take no time, people answer ${people}`,
    ),
    '',
    ...events.map((event) => lineOf(event, width, rehearsal, paint)),
    '',
    ...environments.map((one) => `${one.environment.padEnd(width)}  ${sumOf(one)}`),
  ].join('\n');
}

function lineOf(event: RehearsalEvent, width: number, rehearsal: Rehearsal, paint: Paint): string {
  const where = 'environment' in event ? event.environment : '';
  const [style, text] = said(event, rehearsal);
  const line = `${formatMoment(event.at)}  ${where.padEnd(width)}  ${withTimes(text)}`;
  return style === undefined ? line : paint(style, line);
}

function said(event: RehearsalEvent, rehearsal: Rehearsal): readonly [Style | undefined, string] {
  switch (event.kind) {
    case 'started':
      return [undefined, 'starts'];
    case 'waits':
      return ['yellow', waitOf(event)];
    case 'answered':
      return [undefined, `${event.by.join(', ')} ${event.by.length === 1 ? 'says' : 'say'} yes`];
    case 'unanswered':
      return ['red', `the people cannot answer: ${event.reason}`];
    case 'entered':
      return ['green', 'entered'];
    case 'ended':
      return ['red', event.outcome.kind];
    case 'finished':
      return event.outcome.kind === 'released'
        ? ['green', `released, ${formatSpan(Date.parse(event.at) - Date.parse(rehearsal.startedAt))} after its start`]
        : ['red', `${event.outcome.kind}: ${event.outcome.reason}${remedyOf(event.outcome.refusal?.remedy)}`];
    case 'given-up':
      return ['red', `the rehearsal ends here: ${event.reason}`];
  }
}

const NAMES: Readonly<Record<WaitKind, string>> = {
  gate: 'its gates',
  approval: 'people',
  turn: 'its turn',
  attention: 'somebody who repairs it',
  undo: 'an undo that is stuck',
  other: 'something else',
};

function waitOf({ waitsFor, until, reason, for: whom }: RehearsalEvent & { readonly kind: 'waits' }): string {
  const end = until === undefined ? 'without end' : `until ${formatMoment(until)}`;
  if (waitsFor === 'gate') return `closed ${end}: ${reason}`;
  return waitsFor === 'approval' ? `waits ${end} for ${whom}` : `waits ${end} for ${whom}: ${reason}`;
}

function remedyOf(remedy: string | undefined): string {
  return remedy === undefined ? '' : ` (${remedy})`;
}

/** What is shorter is what it really took to rehearse. */
const LEAST_MS = 1_000;

function sumOf({ enteredAt, waitedMs, outcome }: RehearsedEnvironment): string {
  const waits = Object.entries(waitedMs)
    .filter(([, ms]) => ms >= LEAST_MS)
    .map(([kind, ms]) => `${formatSpan(ms)} for ${NAMES[kind as WaitKind]}`);
  const waited = waits.length === 0 ? 'waited for nothing' : `waited ${waits.join(', ')}`;
  if (enteredAt === undefined) return `not entered (${outcome?.kind ?? 'no end'}); ${waited}`;
  return `entered ${formatMoment(enteredAt)}; ${waited}`;
}
