/**
 * Why nothing moves, in the same words wherever it is shown: terminal, watch, board, Temporal's own screen, web page and chats. Each of
 * them draws these parts in its own form and adds none of its own.
 */
export interface Wait {
  readonly reason: string;
  /** Who or what can end it. */
  readonly for: string;
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601: when it is believed to go on, guessed from earlier ones. */
  readonly expectedAt?: string;
  /** ISO 8601. */
  readonly until?: string;
  /** What happens at `until`. */
  readonly then?: string;
  /** Commands that answer it. */
  readonly answer: readonly string[];
}

/** What a wait is for, as one word to filter by: the search attribute has it. */
export const WAIT_KINDS = ['gate', 'approval', 'turn', 'stop', 'operator', 'attention', 'undo'] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

export interface WaitPart {
  readonly label: 'For' | 'Since' | 'Expected' | 'Until' | 'Then';
  readonly text: string;
  /** The text is a moment, ISO 8601, which every reader is used to in another form. */
  readonly isMoment: boolean;
}

/** For whom, since when, until when, and what happens then; the reason goes before and the commands after. */
export function waitParts({ for: whom, since, expectedAt, until, then }: Wait): readonly WaitPart[] {
  return [
    ...part('For', whom, false),
    ...part('Since', since, true),
    ...part('Expected', expectedAt, true),
    ...part('Until', until, true),
    ...part('Then', then, false),
  ];
}

/** All but the commands, as one sentence; `written` says a moment (ISO 8601) as its reader is used to. */
export function waitLine(wait: Wait, written: (iso: string) => string = (iso) => iso): string {
  const parts = waitParts(wait).map(({ label, text, isMoment }) => {
    return `${LEADS_IN[label]} ${isMoment ? written(text) : text}`;
  });
  return `${wait.reason}; ${parts.join(', ')}`;
}

/** A pause that has been asked for and has not begun; `written` as in {@link waitLine}. */
export function pauseInWords(
  { by, reason, until }: { readonly by: string; readonly reason: string; readonly until: string },
  written: (iso: string) => string = (iso) => iso,
): string {
  return `${by} asked for it${reason === '' ? '' : ` (${reason})`}, until ${written(until)}`;
}

const LEADS_IN: Readonly<Record<WaitPart['label'], string>> = {
  For: 'for',
  Since: 'since',
  Expected: 'expected',
  Until: 'until',
  Then: 'then:',
};

function part(label: WaitPart['label'], text: string | undefined, isMoment: boolean): readonly WaitPart[] {
  return text === undefined ? [] : [{ label, text, isMoment }];
}
