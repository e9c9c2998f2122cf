/**
 * Order of versions: numbers between dots, one after the other, a missing one counts as 0. What follows the numbers (a commit, a
 * build) has no order, so equal numbers with another rest cannot be told apart, nor can versions without numbers.
 */
export type VersionOrder = 'newer' | 'older' | 'unknown';

/** How `version` stands to `other`. Equal texts with different images are unknown too. */
export function compareVersions(version: string, other: string): VersionOrder {
  const mine = numbersOf(version);
  const theirs = numbersOf(other);
  if (mine === undefined || theirs === undefined) return 'unknown';
  for (let index = 0; index < Math.max(mine.length, theirs.length); index += 1) {
    const left = mine[index] ?? 0n;
    const right = theirs[index] ?? 0n;
    if (left !== right) return left > right ? 'newer' : 'older';
  }
  return 'unknown';
}

/** `2026.11.3-ab12cd` → 2026, 11, 3; `v1.2` → 1, 2; a rest that is not set off by `-`, `+` or `_` is no version of this kind. */
function numbersOf(version: string): readonly bigint[] | undefined {
  const form = /^v?(\d+(?:\.\d+)*)(?:[-+_].*)?$/.exec(version);
  return form?.[1]?.split('.').map(BigInt);
}
