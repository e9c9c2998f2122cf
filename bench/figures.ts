/** What a measurement found: one figure, what it should be, and the numbers it comes from. */

export interface Figure {
  readonly measurement: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: Target;
  /** The numbers behind it: samples by name, counts, medians. */
  readonly from: Readonly<Record<string, number | string>>;
}

export type Target = { readonly atMost: number } | { readonly atLeast: number };

export function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** How much is measured; `quick` shows that it works, its numbers mean little. */
export interface Counts {
  readonly singles: number;
  readonly saturated: number;
  readonly rounds: number;
  readonly promotions: number;
  readonly approvals: number;
  readonly waiting: number;
  readonly idleMs: number;
  readonly kills: number;
  readonly guide: number;
  /** Leases of one environment. */
  readonly grants: number;
  /** How long the machine may take for them. */
  readonly grantsForMs: number;
  /** Releases that are stopped at once. */
  readonly stopped: number;
  /** Releases that wait, and how long the machine may take to start them. */
  readonly many: number;
  readonly manyForMs: number;
  /** Events of the release whose evidence is exported, and how often. */
  readonly events: number;
  readonly evidence: number;
  /** Services that run and are looked after. */
  readonly guarded: number;
  /** Signatures that are looked at in one go. */
  readonly verifications: number;
}

export const FULL: Counts = {
  singles: 30,
  saturated: 60,
  rounds: 3,
  promotions: 100,
  approvals: 200,
  waiting: 1000,
  idleMs: 30_000,
  kills: 3,
  guide: 3,
  grants: 10_000,
  grantsForMs: 15 * 60_000,
  stopped: 1000,
  many: 10_000,
  manyForMs: 20 * 60_000,
  events: 1_000,
  evidence: 20,
  guarded: 1000,
  verifications: 2_000,
};

export const QUICK: Counts = {
  singles: 5,
  saturated: 10,
  rounds: 1,
  promotions: 20,
  approvals: 20,
  waiting: 50,
  idleMs: 3_000,
  kills: 1,
  guide: 1,
  grants: 400,
  grantsForMs: 60_000,
  stopped: 50,
  many: 200,
  manyForMs: 2 * 60_000,
  events: 200,
  evidence: 3,
  guarded: 20,
  verifications: 100,
};
