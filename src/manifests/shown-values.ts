/** One difference as people read it: values as JSON, long texts line by line, cut where they are long. */
import { pointerOf } from '../domain/json-pointer.ts';
import type { ValueChange } from '../domain/manifest-change.ts';
import { alongside, type Difference } from './differences.ts';
import { pairsOf } from './pairs.ts';

const LONGEST_PATH = 400;
const LONGEST_VALUE = 240;
/** Kept of what is equal, in front of the first difference inside a long value. */
const LEAD = 40;

export function shownValues({ path: keys, before, after }: Difference): readonly ValueChange[] {
  const path = cut(pointerOf(keys), LONGEST_PATH);
  const [was, is] = [before?.value, after?.value];
  if (typeof was === 'string' && typeof is === 'string' && `${was}${is}`.includes('\n'))
    return changedLines(was.split('\n'), is.split('\n')).map((one) => ({ path, ...one }));
  return [{ path, ...excerpts(before && JSON.stringify(was), after && JSON.stringify(is)) }];
}

function changedLines(before: readonly string[], after: readonly string[]): readonly Omit<ValueChange, 'path'>[] {
  const pairs = alongside(pairsOf(before, after), before.length, after.length);
  const [kept, there] = [new Set(pairs.map(([one]) => one)), new Set(pairs.map(([, other]) => other))];
  const removed = [...before.keys()].filter((at) => !kept.has(at)).map((at) => lineOf(at, before[at], undefined));
  const added = [...after.keys()].filter((at) => !there.has(at)).map((at) => lineOf(at, undefined, after[at]));
  const changed = pairs
    .filter(([one, other]) => before[one] !== after[other])
    .map(([one, other]) => lineOf(other, before[one], after[other]));
  return [...removed, ...added, ...changed].toSorted((one, other) => one.line - other.line);
}

function lineOf(
  at: number,
  before: string | undefined,
  after: string | undefined,
): Omit<ValueChange, 'path'> & { readonly line: number } {
  return { line: at + 1, ...excerpts(before, after) };
}

/** Long values differ somewhere inside: what is shown begins shortly before that. */
function excerpts(before: string | undefined, after: string | undefined): Pick<ValueChange, 'before' | 'after'> {
  const from = before === undefined || after === undefined ? 0 : startOf(before, after);
  return {
    ...(before === undefined ? {} : { before: excerpt(before, from) }),
    ...(after === undefined ? {} : { after: excerpt(after, from) }),
  };
}

function startOf(before: string, after: string): number {
  if (Math.max(before.length, after.length) <= LONGEST_VALUE) return 0;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  return same > LEAD ? same - LEAD : 0;
}

function excerpt(text: string, from: number): string {
  return from === 0 ? cut(text, LONGEST_VALUE) : `…${cut(text.slice(from), LONGEST_VALUE)}`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
