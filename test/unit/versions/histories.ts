/** Histories made of words: each commit after the one before it, unless it says after which. */
import { createHash } from 'node:crypto';
import type { SourceCommit, SourceHistory } from '../../../src/versions/history.ts';

export interface Told {
  /** Its message, and its name in `after` and `tags`. */
  readonly said: string;
  /** Undefined: the one before it. */
  readonly after?: readonly string[];
  readonly at?: string;
}

export function commitName(said: string): string {
  return createHash('sha1').update(said).digest('hex');
}

/** Oldest first; the last one is HEAD. `tags`: by the message of their commit. */
export function historyOf(
  told: readonly (Told | string)[],
  tags: Readonly<Record<string, string>> = {},
  touching?: readonly string[],
): SourceHistory {
  const commits = told.map((one, index): SourceCommit => {
    const { said, after, at = '2026-11-03T12:00:00Z' } = typeof one === 'string' ? ({ said: one } as Told) : one;
    const before = told[index - 1];
    const usual = before === undefined ? [] : [typeof before === 'string' ? before : before.said];
    return {
      commit: commitName(said),
      parents: (after ?? usual).map(commitName),
      at: Date.parse(at) / 1_000,
      message: said,
    };
  });
  const newestFirst = commits.toReversed();
  const [head] = newestFirst;
  if (head === undefined) throw new RangeError('a history has a commit');
  return {
    ...{ head, commits: newestFirst },
    tags: Object.entries(tags).map(([name, said]) => ({ name, commit: commitName(said) })),
    ...(touching === undefined ? {} : { touching: new Set(touching.map(commitName)) }),
  };
}
