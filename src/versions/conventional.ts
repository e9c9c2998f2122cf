/** What a commit's message says about the version that follows it: Conventional Commits 1.0.0 (conventionalcommits.org). Pure. */

export type Change = 'breaking' | 'feature' | 'other';

const HEADER = /^(?:Merged PR \d+: )?([a-z]+)(?:\([^()\n]*\))?(!)?: \S/i;
const BREAKING = /^BREAKING[ -]CHANGE: \S/m;

/** A message in no such form is some change: it counts as the smallest. */
export function changeIn(message: string): Change {
  const [, type = '', bang] = HEADER.exec(message) ?? [];
  if (bang !== undefined || BREAKING.test(message)) return 'breaking';
  return type.toLowerCase() === 'feat' ? 'feature' : 'other';
}

const WEIGHT: Readonly<Record<Change, number>> = { other: 0, feature: 1, breaking: 2 };

/** Undefined: there is no change among them. */
export function gravest(changes: readonly Change[]): Change | undefined {
  return changes.reduce<Change | undefined>(
    (most, one) => (most === undefined || WEIGHT[one] > WEIGHT[most] ? one : most),
    undefined,
  );
}
