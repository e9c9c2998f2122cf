/** An event as people read it in a chat: one line, then facts. Plain text; each chat guards it against its own marks. */
import type { EventData } from '../../../domain/notification.ts';
import { waitParts } from '../../../domain/waiting.ts';
import { findingLine } from '../../../domain/finding.ts';
import { plainText } from '../../../domain/plain-text.ts';
import { restraintLine } from '../../../domain/restraint.ts';

export interface Line {
  readonly label: string;
  readonly text: string;
}

/** A chat is no place for long texts; the whole one stands in `sluice status`. */
const MOST_CHARACTERS = 600;

const SAYS: Readonly<Record<EventData['event'], string>> = {
  started: 'has started',
  waiting: 'is waiting',
  reminded: 'is still waiting',
  answered: 'has an answer',
  approved: 'is approved',
  working: 'is being done',
  paused: 'is paused',
  stopped: 'is stopped',
  resumed: 'goes on',
  attention: 'needs attention',
  undoing: 'is being undone',
  'undo-stuck': 'cannot be undone',
  overridden: 'may pass a closed gate',
  restrained: 'is set',
  lifted: 'is lifted',
  lapsed: 'has ended',
  drifted: 'is not as it was left',
  settled: 'is again as it was left',
  released: 'is released',
  refused: 'is refused',
  'rolled-back': 'is rolled back',
  aborted: 'is aborted',
  superseded: 'is superseded by a newer one',
  test: 'is only a test: nothing happened',
};

export function headline(data: EventData): string {
  return plain(`${subjectOf(data)} ${SAYS[data.event]}`);
}

function subjectOf({ about, service, version, environment, restraint }: EventData): string {
  if (about === 'environment') {
    return `${environment ?? ''}: the ${restraint?.kind ?? 'stop'} on ${service ?? 'every service'}`;
  }
  const what = [service, version, about === 'rollback' ? '(roll-back)' : undefined].filter((one) => one !== undefined);
  return `${what.join(' ')}${environment === undefined ? '' : ` → ${environment}`}`;
}

export function details(data: EventData): readonly Line[] {
  const { waiting, attention, outcome, requestedBy, approvedBy, changed, image, restraint, lifted, overridden } = data;
  const { drift } = data;
  const lines: (Line | undefined)[] = [
    line('Why', outcome?.reason ?? attention?.message ?? overridden?.reason ?? waiting?.reason),
    ...(drift?.findings ?? []).map((one) => line('Found', findingLine(one))),
    line('Done', drift?.reaction === undefined ? undefined : because(drift.reaction, drift.because)),
    line('What', restraint === undefined ? undefined : restraintLine(restraint)),
    line('Lifted by', lifted === undefined ? undefined : because(lifted.by, lifted.reason)),
    line('Passes', overridden?.gates.join(', ')),
    line('Says', overridden?.by),
    line('To do', attention?.remedy),
    ...(waiting === undefined ? [] : waitParts(waiting).map(({ label, text }) => line(label, text))),
    line('Approved by', approvedBy?.join(', ')),
    line('Changed since', changed),
    line('Started by', data.about === 'environment' ? undefined : requestedBy),
    line('Image', image === undefined ? undefined : `${image.repository}@${image.digest}`),
  ];
  return lines.filter((one) => one !== undefined);
}

/** What to type. */
export function commands({ waiting }: EventData): readonly string[] {
  return (waiting?.answer ?? []).map(plain);
}

function because(by: string, reason: string | undefined): string {
  return reason === undefined ? by : `${by}: ${reason}`;
}

function line(label: string, text: string | undefined): Line | undefined {
  return text === undefined || text === '' ? undefined : { label, text: plain(text) };
}

function plain(text: string): string {
  return plainText(text, MOST_CHARACTERS);
}
