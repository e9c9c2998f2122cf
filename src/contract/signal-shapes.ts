/**
 * Whether what a signal says makes sense. Whoever may write to the namespace can send anything, nobody hears a "no" to a signal, and one
 * that a workflow stumbles over would be read again for ever: what makes no sense is not heard at all.
 */
import { isRestraint } from '../domain/restraint.ts';
import { isTextOf, LONGEST_REASON } from '../domain/said.ts';
import { NEWER } from '../domain/turns.ts';
import type { Guarded } from './guardian-workflow.ts';
import type { LeaseReturn, RunningHere, Turn } from './environment-workflow.ts';
import type { Control } from './promotion-workflow.ts';

/** Characters: who waits behind the longest reason is told it with a few words around it. */
const LONGEST = 2 * LONGEST_REASON;
/** Far more people than any policy asks. */
const MOST_NAMES = 1_000;

type Said = Readonly<Record<string, unknown>>;

/** A word of a desk to a promotion. */
export function isTurn(said: unknown): said is Turn {
  if (!isObject(said)) return false;
  const { kind, word, fence, nth, position, reason, restraint, expectedAt, by, newer } = said;
  if (word !== undefined && !isNumber(word)) return false;
  if (kind === 'given') return isNumber(fence) && (nth === undefined || isNumber(nth));
  if (kind === 'superseded') return isText(by) && (newer === undefined || NEWER.some((one) => one === newer));
  return (
    kind === 'waiting' &&
    isNumber(position) &&
    isText(reason) &&
    (restraint === undefined || isRestraint(restraint)) &&
    (expectedAt === undefined || isText(expectedAt))
  );
}

/** An order to a promotion; who gives it and why is judged where it is obeyed. */
export function isControl(said: unknown): said is Control {
  return isObject(said) && ['pause', 'resume', 'abort'].some((one) => one === said['command']);
}

/** A lease that is given back to its desk. */
export function isLeaseReturn(said: unknown): said is LeaseReturn {
  if (!isObject(said)) return false;
  const { runId, running } = said;
  return (
    isText(runId) && (running === undefined || (isObject(running) && isText(running['service']) && isHere(running)))
  );
}

/** What a guardian is to look after from now on. */
export function isGuarded(said: unknown): said is Guarded {
  if (!isObject(said)) return false;
  return ['version', 'digest', 'since', 'workflowId', 'requestedBy'].every((field) => isText(said[field]));
}

function isHere(said: Said): said is Said & RunningHere {
  const { version, digest, since, approvedBy, requestedBy, workflowId } = said;
  const texts = [version, digest, since, requestedBy, workflowId];
  const areNames = Array.isArray(approvedBy) && approvedBy.length <= MOST_NAMES && approvedBy.every(isText);
  return areNames && texts.every(isText);
}

function isObject(said: unknown): said is Said {
  return typeof said === 'object' && said !== null;
}

function isText(said: unknown): said is string {
  return isTextOf(said, LONGEST);
}

function isNumber(said: unknown): said is number {
  return Number.isSafeInteger(said);
}
