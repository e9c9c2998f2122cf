/** Closed gates that somebody may let a promotion pass at this moment, outside of the question to people. */
import type { ReleaseView } from '../../client/index.ts';
import type { PassableGate, PromotionStatus } from '../../contract/status.ts';
import { describeRestraint } from '../../domain/restraint.ts';

/**
 * At the gates the promotion says itself which, and who may. While it waits for its turn a stop or a hold keeps it out: that those
 * gates are closed is known, but not who may pass them, which the zone says when somebody tries (no groups).
 */
export function passableGates(
  { phase, environment, waiting, planDigest }: PromotionStatus,
  { restraints = [] }: Pick<ReleaseView, 'restraints'>,
): readonly PassableGate[] {
  if (planDigest === undefined) return [];
  if (phase === 'waiting-for-gate') return waiting?.passable ?? [];
  if (phase !== 'waiting-for-turn') return [];
  const there = restraints.filter((one) => one.environment === environment);
  return [...new Set(there.map((one) => one.kind))].map((kind) => ({
    gate: kind,
    said: there
      .filter((one) => one.kind === kind)
      .map(describeRestraint)
      .join('; '),
    groups: [],
  }));
}
