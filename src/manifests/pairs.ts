/** Which items of a list are still there in another one, in order: the rest was removed or added. */

/** Indices before and after, both ascending. */
export type Pair = readonly [before: number, after: number];

/** Cells of the table below: lists beyond are compared from both ends only. */
const LARGEST_TABLE = 1_000_000;

/** A longest common subsequence of two lists of names; equal names are the same item. */
export function pairsOf(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const middle = common(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [
    ...Array.from({ length: head }, (_, at): Pair => [at, at]),
    ...middle.map(([one, other]): Pair => [one + head, other + head]),
    ...Array.from({ length: tail }, (_, at): Pair => [before.length - tail + at, after.length - tail + at]),
  ];
}

function common(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const width = after.length + 1;
  if ((before.length + 1) * width > LARGEST_TABLE) return [];
  // longest[i, j]: how many are common from `i` and `j` on
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        before[i] === after[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length;) {
    if (before[i] === after[j]) pairs.push([i++, j++]);
    else if ((longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return pairs;
}
