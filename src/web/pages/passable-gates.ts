/** Closed gates that somebody may let a promotion pass at this moment, outside of the question to people. */
import type { ReleaseView } from '../../client/index.ts';
import type { PassableGate, PromotionStatus } from '../../contract/status.ts';
import { describeRestraint } from '../../domain/restraint.ts';

/**
 * The promotion says itself which, and who may: at the gates, in its turn and where a stop has paused it. One of an older engine that
 * waits for its turn does not: that a stop or a hold keeps it out is known, but not who may pass it, which the zone says when somebody
 * tries (no groups).
 */
export function passableGates(
  { phase, environment, waiting, planDigest, rollback }: PromotionStatus,
  { restraints = [] }: Pick<ReleaseView, 'restraints'>,
): readonly PassableGate[] {
  if (planDigest === undefined) return [];
  if (waiting?.passable !== undefined) return waiting.passable;
  // a roll-back passes them anyway
  if (phase !== 'waiting-for-turn' || rollback !== undefined) return [];
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
