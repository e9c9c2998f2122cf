/** Which stops and holds may be said, and which ends of them; the same for the client that sends them and the desk that keeps them. */
import { isName } from './names.ts';
import { isInForce, RESTRAINTS, type Restraint, type RestraintKind, withRestraint } from './restraint.ts';
import { type Fault, faultOfRemark, faultOfText, faultOfTime, LONGEST_NAME, LONGEST_REASON, shown } from './said.ts';

/** In force at once in one environment: they are carried and told as one message. */
export const MOST_RESTRAINTS = 100;
/** Room for the holds of roll-backs, which nobody can hear a "no" to: what was taken away must not come back by itself. */
export const MOST_WITH_ROLLBACKS = 2 * MOST_RESTRAINTS;

type Said = Readonly<Record<string, unknown>>;

/** Undefined when it may be obeyed. */
export function faultOfRestraint(command: unknown): Fault | undefined {
  const { kind, service, by, reason, incident, forMs } = (command ?? {}) as Said;
  return (
    faultOfScope(kind, service) ??
    faultOfText('by', by, LONGEST_NAME) ??
    faultOfText('reason', reason, LONGEST_REASON) ??
    faultOfRemark('incident', incident, LONGEST_NAME) ??
    faultOfMissing(kind as RestraintKind, service, forMs) ??
    faultOfTime('forMs', forMs)
  );
}

/** Undefined when it may be obeyed, if there is such a one. */
export function faultOfLift(command: unknown): Fault | undefined {
  const { kind, service, by, reason, setFor } = (command ?? {}) as Said;
  return (
    faultOfScope(kind, service) ??
    faultOfText('by', by, LONGEST_NAME) ??
    faultOfRemark('reason', reason, LONGEST_REASON) ??
    faultOfReasons(setFor)
  );
}

/** One more would not fit beside those that are in force. */
export function faultOfNumber(
  all: readonly Restraint[],
  added: Restraint,
  nowMs: number,
  most = MOST_RESTRAINTS,
): Fault | undefined {
  const inForce = all.filter((one) => isInForce(one, nowMs));
  if (withRestraint(inForce, added).length <= most) return undefined;
  return {
    message: 'there are as many stops and holds here as an environment keeps',
    expected: `at most ${most}`,
    got: String(inForce.length),
    remedy: 'lift those that are not needed any more; one stop without a service stops every one',
  };
}

function faultOfScope(kind: unknown, service: unknown): Fault | undefined {
  if (!RESTRAINTS.includes(kind as RestraintKind))
    return {
      message: 'this is neither a stop nor a hold',
      expected: `"kind" ${RESTRAINTS.join(' or ')}`,
      got: shown(kind),
    };
  if (service === undefined || (typeof service === 'string' && isName(service))) return undefined;
  const expected = 'lower-case letters, digits and "-", at most 63, as in sluice.yaml';
  return { message: '"service" is no name of a service', expected, got: shown(service) };
}

function faultOfMissing(kind: RestraintKind, service: unknown, forMs: unknown): Fault | undefined {
  if (kind === 'hold' && service === undefined)
    return { message: 'a hold is for one service', expected: '"service"', got: 'none', remedy: 'name the service' };
  if (kind === 'stop' && forMs === undefined)
    return { message: 'a stop needs an end', expected: '"forMs"', got: 'none', remedy: 'say for how long' };
  return undefined;
}

/** Undefined: left out, or reasons that may have been given. */
function faultOfReasons(setFor: unknown): Fault | undefined {
  if (setFor === undefined) return undefined;
  const expected = `a list of texts of at most ${LONGEST_REASON} characters`;
  const isList =
    Array.isArray(setFor) && setFor.every((one) => typeof one === 'string' && one.length <= LONGEST_REASON);
  return isList ? undefined : { message: '"setFor" is no list of reasons', expected, got: shown(setFor) };
}
