/**
 * How one JSON value becomes another: value by value, in an order in which it could be done. In a list the removed items come first,
 * from the last one on and by their place before; then the added ones, by their place afterwards; then what changes inside.
 */
import type { Path } from './parse.ts';
import { type Pair, pairsOf } from './pairs.ts';

export interface Difference {
  readonly path: Path;
  /** Absent: there was none. `at`: where it stood; lists move what is in them. */
  readonly before?: { readonly value: unknown; readonly at: Path };
  /** Absent: there is none any more. */
  readonly after?: { readonly value: unknown };
}

export function differences(before: unknown, after: unknown, path: Path = [], at: Path = path): readonly Difference[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, path, at);
  if (isObject(before) && isObject(after)) return ofObjects(before, after, path, at);
  return [{ path, before: { value: before, at }, after: { value: after } }];
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ofObjects(before: JsonObject, after: JsonObject, path: Path, at: Path): readonly Difference[] {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return [
    ...gone.map((key) => ({ path: [...path, key], before: { value: before[key], at: [...at, key] } })),
    ...Object.keys(after).flatMap((key) =>
      Object.hasOwn(before, key)
        ? differences(before[key], after[key], [...path, key], [...at, key])
        : [{ path: [...path, key], after: { value: after[key] } }],
    ),
  ];
}

function ofLists(before: readonly unknown[], after: readonly unknown[], path: Path, at: Path): readonly Difference[] {
  const pairs = matched(before, after);
  const [kept, there] = [new Set(pairs.map(([one]) => one)), new Set(pairs.map(([, other]) => other))];
  const removed = [...before.keys()].filter((index) => !kept.has(index)).toReversed();
  const added = [...after.keys()].filter((index) => !there.has(index));
  return [
    ...removed.map((index) => ({ path: [...path, index], before: { value: before[index], at: [...at, index] } })),
    ...added.map((index) => ({ path: [...path, index], after: { value: after[index] } })),
    ...pairs.flatMap(([one, other]) => differences(before[one], after[other], [...path, other], [...at, one])),
  ];
}

/** Named items (containers, variables, volumes) are the same by their name; others where they are equal, or stand between such. */
function matched(before: readonly unknown[], after: readonly unknown[]): readonly Pair[] {
  if ([...before, ...after].every((item) => nameOf(item) !== undefined))
    return pairsOf(before.map(nameOf).map(String), after.map(nameOf).map(String));
  const equal = pairsOf(
    before.map((item) => JSON.stringify(item)),
    after.map((item) => JSON.stringify(item)),
  );
  return alongside(equal, before.length, after.length);
}

/** Between two pairs, what is left on both sides is taken for changed, one by one. */
export function alongside(pairs: readonly Pair[], before: number, after: number): readonly Pair[] {
  const all: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [one, other] of [...pairs, [before, after] as const]) {
    while (i < one && j < other) all.push([i++, j++]);
    if (one < before) all.push([one, other]);
    [i, j] = [one + 1, other + 1];
  }
  return all;
}

/** By which items of lists are told apart: containers, variables, volumes. */
export function nameOf(item: unknown): string | undefined {
  const name = isObject(item) ? item['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}
