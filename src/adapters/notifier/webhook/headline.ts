/** An event as people read it in a chat: one line, then facts. Plain text; each chat guards it against its own marks. */
import type { EventData } from '../../../domain/notification.ts';
import { waitParts } from '../../../domain/waiting.ts';
import { plainText } from '../../../domain/plain-text.ts';

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
  released: 'is released',
  refused: 'is refused',
  'rolled-back': 'is rolled back',
  aborted: 'is aborted',
  superseded: 'is superseded by a newer one',
  test: 'is only a test: nothing happened',
};

export function headline({ service, version, environment, event }: EventData): string {
  return plain(`${service} ${version}${environment === undefined ? '' : ` → ${environment}`} ${SAYS[event]}`);
}

export function details({
  waiting,
  attention,
  outcome,
  requestedBy,
  approvedBy,
  changed,
  image,
}: EventData): readonly Line[] {
  const lines: (Line | undefined)[] = [
    line('Why', outcome?.reason ?? attention?.message ?? waiting?.reason),
    line('To do', attention?.remedy),
    ...(waiting === undefined ? [] : waitParts(waiting).map(({ label, text }) => line(label, text))),
    line('Approved by', approvedBy?.join(', ')),
    line('Changed since', changed),
    line('Started by', requestedBy),
    line('Image', image === undefined ? undefined : `${image.repository}@${image.digest}`),
  ];
  return lines.filter((one) => one !== undefined);
}

/** What to type. */
export function commands({ waiting }: EventData): readonly string[] {
  return (waiting?.answer ?? []).map(plain);
}

function line(label: string, text: string | undefined): Line | undefined {
  return text === undefined || text === '' ? undefined : { label, text: plain(text) };
}

function plain(text: string): string {
  return plainText(text, MOST_CHARACTERS);
}
