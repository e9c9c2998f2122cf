/** Signed statements that have let something in. They count once: an environment remembers each of them until it ends by itself. */
import type { ProvenFacts } from './approval.ts';

export interface SpentStatement {
  readonly jti: string;
  /** ISO 8601, both as signed. */
  readonly signedAt: string;
  readonly expiresAt: string;
}

/** What an environment remembers for a service; nothing at first. */
export interface Spent {
  readonly spent?: readonly SpentStatement[];
  /** ISO 8601: whatever was signed until then counts as spent, since there were more than can be remembered. */
  readonly spentUntil?: string;
}

/** With ids of 64 characters 150 KiB: a ConfigMap holds a MiB. */
export const MOST_SPENT = 1_000;
/** Workers of one environment may have different clocks: what one has forgotten must have ended for all. */
const KEPT_AFTER_END_MS = 3_600_000;

/** Of proven answers those that can be spent; a name on trust carries no statement. */
export function spendable(proven: readonly ProvenFacts[]): readonly SpentStatement[] {
  const statements = proven.flatMap(({ jti, signedAt, expiresAt }) =>
    jti === undefined || signedAt === undefined || expiresAt === undefined ? [] : [{ jti, signedAt, expiresAt }],
  );
  return [...new Map(statements.map((one) => [one.jti, one])).values()];
}

/** The first one that has let something in before. */
export function spentAmong(
  { spent = [], spentUntil }: Spent,
  given: readonly SpentStatement[],
): SpentStatement | undefined {
  const known = new Set(spent.map((one) => one.jti));
  const isForgotten = ({ signedAt }: SpentStatement): boolean =>
    spentUntil !== undefined && Date.parse(signedAt) <= Date.parse(spentUntil);
  return given.find((one) => known.has(one.jti) || isForgotten(one));
}

/** Adds them, forgets what has ended, and of too many those that were signed first: for these `spentUntil` stands in. */
export function withSpent({ spent = [], spentUntil }: Spent, given: readonly SpentStatement[], nowMs: number): Spent {
  const all = new Map([...spent, ...given].map((one) => [one.jti, one]));
  const good = [...all.values()].filter((one) => Date.parse(one.expiresAt) + KEPT_AFTER_END_MS > nowMs);
  const byAge = good.sort((a, b) => Date.parse(a.signedAt) - Date.parse(b.signedAt));
  const until = byAge.slice(0, -MOST_SPENT).at(-1)?.signedAt ?? spentUntil;
  const kept = byAge.slice(-MOST_SPENT);
  return { ...(kept.length === 0 ? {} : { spent: kept }), ...(until === undefined ? {} : { spentUntil: until }) };
}
