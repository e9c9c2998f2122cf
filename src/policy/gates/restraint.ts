import type { GateFacts, GateVerdict, RestraintGate } from '../../domain/gate.ts';
import { describeRestraint, type Restraint, restraintsOn } from '../../domain/restraint.ts';
import { wait, yes } from './verdict.ts';

/** Closed while somebody has stopped the service here, or holds it: until the last of them ends, or is lifted. */
export function judgeRestraint(rule: RestraintGate, facts: GateFacts): GateVerdict {
  const inForce = restraintsOn(facts.restraints, facts.service, Date.parse(facts.at)).filter(
    (one) => one.kind === rule.kind,
  );
  if (inForce.length === 0) return yes(rule, rule.kind === 'stop' ? 'nothing is stopped' : 'nobody holds it');
  return { ...wait(rule, inForce.map(describeRestraint).join('; '), endOf(inForce)), restraints: inForce };
}

/** The last end; undefined when one of them has none. */
function endOf(restraints: readonly Restraint[]): number | undefined {
  const ends = restraints.map(({ until }) => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)));
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : undefined;
}
