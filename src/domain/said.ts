/**
 * What people may write into a command: bounded, since it is kept and shown for as long as its workflow lives. One rule for the
 * client, which says so at once, and for the workflows, which anybody can reach without it.
 */
import type { Refusal } from './error-code.ts';

/** Characters. */
export const LONGEST_REASON = 2_000;
/** Characters: of a name, an address of an incident. */
export const LONGEST_NAME = 500;
/** Milliseconds, a year: nobody keeps anything waiting for longer by one word, and a calendar ends somewhere. */
export const LONGEST_MS = 366 * 86_400_000;

export type Fault = Pick<Refusal, 'message' | 'expected' | 'got' | 'remedy'>;

/** A text, perhaps with nothing in it. */
export function isTextOf(said: unknown, most: number): said is string {
  return typeof said === 'string' && said.length <= most;
}

/** Undefined: a text with something in it that is not too long. */
export function faultOfText(what: string, text: unknown, most: number): Fault | undefined {
  const expected = `a text of at most ${most} characters`;
  if (typeof text !== 'string') return { message: `"${what}" is no text`, expected, got: typeof text };
  if (text.trim() === '') return { message: `"${what}" is empty`, expected, got: 'nothing' };
  if (text.length <= most) return undefined;
  const remedy = 'say it in fewer words, and name a page where the rest can be read';
  return { message: `"${what}" is too long`, expected, got: `${text.length} characters`, remedy };
}

/** As {@link faultOfText}, of a text that may be left out. */
export function faultOfRemark(what: string, text: unknown, most: number): Fault | undefined {
  return text === undefined || text === '' ? undefined : faultOfText(what, text, most);
}

/** Undefined: left out, or a time that passes. */
export function faultOfTime(what: string, ms: unknown): Fault | undefined {
  if (ms === undefined || (typeof ms === 'number' && ms > 0 && ms <= LONGEST_MS)) return undefined;
  const expected = `milliseconds, above 0 and at most ${LONGEST_MS} (a year)`;
  return { message: `"${what}" is no such time`, expected, got: shown(ms) };
}

/** As much of a wrong value as is worth reading. An object need not be one that can be made a text. */
export function shown(value: unknown): string {
  const isPlain = typeof value !== 'object' && typeof value !== 'string';
  const text = isPlain ? String(value) : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

const SHOWN = 100;

/** `{by, reason?, forMs?}` of every order to a release or a promotion. */
export function faultOfOrder(order: unknown): Fault | undefined {
  const { by, reason, forMs } = (order ?? {}) as Readonly<Record<string, unknown>>;
  return (
    faultOfText('by', by, LONGEST_NAME) ??
    faultOfRemark('reason', reason, LONGEST_REASON) ??
    faultOfTime('forMs', forMs)
  );
}
