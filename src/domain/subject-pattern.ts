/**
 * Patterns for the subject of a certificate, so narrow that they can be neither slow nor mistaken: anchored at both ends, without a dot that
 * means anything, and after each repetition stands a character that ends it, so that there is one way to match and nothing to go back to.
 */
const LONGEST_PATTERN = 500;
const LONGEST_SUBJECT = 2_000;
const META = /[.^$*+?()[\]{}|]/;
const ESCAPABLE = /[.^$*+?()[\]{}|\\/]/;
const QUANTIFIER = /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/y;

/** Why a pattern is refused, or undefined. */
export function subjectPatternProblem(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return `it is longer than ${LONGEST_PATTERN} characters`;
  if (!pattern.startsWith('^')) return 'it does not begin with ^, and would match in the middle of another subject';
  if (!/[^\\](?:\\\\)*\$$/.test(pattern))
    return 'it does not end with $, and would match the beginning of another subject';
  const parts = partsOf(pattern.slice(1, -1));
  if (typeof parts === 'string') return parts;
  if (parts.length === 0) return 'it matches nobody';
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'it is no regular expression';
  }
  return parts.map((part, index) => endlessness(part, parts[index + 1])).find((one) => one !== undefined);
}

/** Whether the whole subject matches; never for a pattern that is refused. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (subject.length > LONGEST_SUBJECT || subjectPatternProblem(pattern) !== undefined) return false;
  return new RegExp(pattern, 'u').test(subject);
}

/** One character or class, and how often. */
interface Part {
  readonly text: string;
  /** Empty: once. */
  readonly quantifier: string;
  readonly isClass: boolean;
}

/** A text says what is not allowed. */
function partsOf(body: string): readonly Part[] | string {
  const parts: Part[] = [];
  for (let at = 0; at < body.length;) {
    const text = tokenAt(body, at);
    if (text === undefined) return refused(body, at);
    at += text.length;
    QUANTIFIER.lastIndex = at;
    const quantifier = QUANTIFIER.exec(body)?.[0] ?? '';
    at += quantifier.length;
    parts.push({ text, quantifier, isClass: text.startsWith('[') });
  }
  return parts;
}

function tokenAt(body: string, at: number): string | undefined {
  const character = body[at] ?? '';
  if (character === '\\') return ESCAPABLE.test(body[at + 1] ?? '') ? body.slice(at, at + 2) : undefined;
  if (character === '[') return /^\[\^?(?:[^\\[\]]|\\[.^$*+?()[\]{}|\\/-])+\]/.exec(body.slice(at))?.[0];
  return META.test(character) ? undefined : character;
}

function refused(body: string, at: number): string {
  if (body[at] === '.') return 'a dot stands for any character; write \\. for a dot, or a class such as [a-z0-9-]';
  if (/[()|]/.test(body[at] ?? '')) return 'groups and alternatives are not allowed; write several entries';
  return `"${body.slice(at, at + 2)}" is not allowed there`;
}

/** Why a repetition might have to be taken back: what follows could belong to it as well. */
function endlessness({ text, quantifier, isClass }: Part, next: Part | undefined): string | undefined {
  if (quantifier === '' || /^\{\d+\}$/.test(quantifier) || next === undefined) return undefined;
  const said = `${text}${quantifier}`;
  if (next.isClass || next.quantifier !== '') return `after ${said} must stand one character that ends it`;
  const character = next.text.startsWith('\\') ? next.text.slice(1) : next.text;
  const belongs = isClass ? new RegExp(`^${text}$`, 'u').test(character) : text.endsWith(character);
  return belongs ? `the "${character}" after ${said} could belong to it` : undefined;
}
