/** Reading what somebody else has written: anything may be missing, or be of another kind. */

export type Stated = Readonly<Record<string, unknown>>;

export function isStated(value: unknown): value is Stated {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands there; undefined where nothing does. Only what the document itself holds is looked at. */
export function at(document: unknown, ...keys: readonly string[]): unknown {
  let value = document;
  for (const key of keys) {
    if (!isStated(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A text with something in it. */
export function textAt(document: unknown, ...keys: readonly string[]): string | undefined {
  const value = at(document, ...keys);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

export function listAt(document: unknown, ...keys: readonly string[]): readonly unknown[] {
  const value = at(document, ...keys);
  return Array.isArray(value) ? value : [];
}

/** Milliseconds since the epoch; undefined for anything but a date with time and offset (RFC 3339). */
export function momentAt(document: unknown, ...keys: readonly string[]): number | undefined {
  const text = textAt(document, ...keys);
  if (text === undefined || !RFC_3339.test(text)) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** For messages: never more of what somebody else wrote than a line. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

const LONGEST = 200;
