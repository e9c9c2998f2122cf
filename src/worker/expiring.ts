/** What ends by itself, as this worker was configured: signers that stop counting, and findings whose exception runs out. */
import type { Config } from '../config/config.ts';
import type { Instruments } from '../telemetry/instruments.ts';

export interface Expiry {
  readonly expiring: 'signer' | 'exception';
  readonly entry: string;
  readonly environment: string;
  readonly atMs: number;
}

/** A signer ends with the last of its keys: one that was rotated in time does not end. */
export function expiriesIn({ trust, rulebook }: Pick<Config, 'trust' | 'rulebook'>): readonly Expiry[] {
  const signers = Object.entries(trust).flatMap(([entry, keys]) => {
    const atMs = Math.max(
      ...keys.map(({ until }) => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until))),
    );
    return Number.isFinite(atMs) ? [{ expiring: 'signer' as const, entry, environment: 'none', atMs }] : [];
  });
  const exceptions = Object.entries(rulebook.environments).flatMap(([environment, { proofs }]) =>
    (proofs?.vulnerabilities?.exceptions ?? []).map(({ id, until }) => ({
      expiring: 'exception' as const,
      entry: id,
      environment,
      atMs: Date.parse(until),
    })),
  );
  return [...signers, ...exceptions];
}

export function tellExpiries({ gauge }: Instruments, expiries: readonly Expiry[]): void {
  gauge('expires', () => expiries.map(({ atMs, ...labels }) => ({ value: atMs / 1_000, labels })));
}
