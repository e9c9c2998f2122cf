/** Calendar versions: `2026.11.3-ab12cd34ef56`, the third commit of November 2026 on its line. Pure, and without a clock. */
import type { Line } from './line.ts';
import type { SourceHistory } from './history.ts';
import { shortOf } from './version.ts';

/** Commits are counted along the first parents, by their own dates in UTC: whoever looks, whenever, counts the same. */
export function calendarVersion({ head, commits }: SourceHistory, { label }: Line): string {
  const month = monthOf(head.at);
  const nth = firstParents(commits).filter((one) => monthOf(one.at) === month).length;
  return [`${month}.${nth}`, ...(label === undefined ? [] : [label]), shortOf(head.commit)].join('-');
}

function monthOf(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return `${date.getUTCFullYear()}.${date.getUTCMonth() + 1}`;
}

/** From HEAD, which is the first one, along the line of its branch, as far as the history is given. */
export function firstParents<One extends { readonly commit: string; readonly parents: readonly string[] }>(
  commits: readonly One[],
): readonly One[] {
  const known = new Map(commits.map((one) => [one.commit, one]));
  const line: One[] = [];
  for (let at = commits[0]; at !== undefined; at = known.get(at.parents[0] ?? '')) line.push(at);
  return line;
}
