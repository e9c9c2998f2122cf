/** What an environment's desk knows, and when it has to look again by itself. */
import { workflowInfo } from '@temporalio/workflow';
import type {
  EnvironmentInput,
  EnvironmentState,
  EnvironmentStatus,
  RunningHere,
} from '../../src/contract/environment-workflow.ts';
import { endedBy, isInForce, type PastRestraint, type Restraint, withPast } from '../../src/domain/restraint.ts';
import { NO_TURNS, type Turns } from '../../src/domain/turns.ts';
import type { Unread } from '../../src/domain/unread.ts';
import { announce } from './announce.ts';
import { fitting } from './fitting.ts';
import { HOLDERS_AGAIN_MS, UNWRITTEN_FOR_MS } from '../steps/activity-options.ts';

export interface Desk {
  readonly environment: string;
  turns: Turns;
  restraints: readonly Restraint[];
  past: readonly PastRestraint[];
  /** What the environment remembers has not been read yet: nobody whom it concerns is let go. */
  unread: Unread | undefined;
  /** Runs that gave their lease back while it was not known who is inside. */
  readonly gone: Set<string>;
  running: Readonly<Record<string, RunningHere>>;
  typicalMs: number | undefined;
  /** Something has happened that the desk has not looked at yet. */
  isStirred: boolean;
  /** Messages to promotions whose arrival is not known yet, and of those the ones that have not been sent. */
  telling: number;
  readonly outbox: (() => Promise<void>)[];
  /** Milliseconds; when it was last asked whether all holders that others wait for are still there. */
  lookedMs: number;
  /** Services whose holders are to be looked for; `isLooking`: the server is being asked. */
  readonly lookedFor: Set<string>;
  isLooking: boolean;
  /** Stops and holds have changed since those inside were told; `isTellingHolders`: they are being told. */
  isUntold: boolean;
  isTellingHolders: boolean;
  /** Stops and holds have changed since the environment's own workers wrote them down; `isWriting`: they are at it. */
  isUnwritten: boolean;
  isWriting: boolean;
  /** Milliseconds; until when nobody is let go because it is not written down. */
  patientUntilMs: number;
  /** Number of the last word to those who wait: it grows as fences do, also over the loss of everything that was remembered. */
  word: number;
  /** How many words of this run others were told of. */
  announced: number;
  /** What each waiting promotion was told last, by run: nobody is told the same twice. */
  readonly told: Map<string, string>;
}

/** Whoever opens a desk may be the first one ever, or the first one since it was lost: the environment itself knows. */
const NOT_ASKED: Unread = { code: 'worker-missing', why: 'its own workers are asked (is one running?)' };

/** The answer takes a moment, or a minute where nobody is there to give it: until then there is nothing to tell those who wait. */
export function isBeingAsked({ unread }: Desk): boolean {
  return unread === NOT_ASKED;
}

export function openDesk({ environment, state }: EnvironmentInput): Desk {
  return {
    environment,
    // the time at which the desk was first opened: numbers grow also over the loss of everything that was remembered
    turns: state?.turns ?? { ...NO_TURNS, fence: workflowInfo().startTime.getTime() },
    restraints: state?.restraints ?? [],
    past: state?.past ?? [],
    unread: state === undefined ? NOT_ASKED : state.unread,
    gone: new Set(),
    running: state?.running ?? {},
    typicalMs: state?.typicalMs,
    isStirred: false,
    telling: 0,
    outbox: [],
    lookedMs: Date.now(),
    lookedFor: new Set(),
    isLooking: false,
    isUntold: false,
    isTellingHolders: false,
    isUnwritten: state?.unwritten ?? false,
    isWriting: false,
    patientUntilMs: Date.now() + UNWRITTEN_FOR_MS,
    word: state?.word ?? workflowInfo().startTime.getTime(),
    announced: 0,
    told: new Map(),
  };
}

export function stir(desk: Desk): void {
  desk.isStirred = true;
}

/** A stop that has ended is nothing to wake up for. Who reads the list where it was written judges the time as well. */
export function forgetEnded(desk: Desk): void {
  const ended = desk.restraints.filter((one) => !isInForce(one, Date.now()));
  if (ended.length === 0) return;
  desk.past = withPast(desk.past, endedBy(ended, Date.now()));
  desk.restraints = desk.restraints.filter((one) => !ended.includes(one));
  for (const one of ended) announce(desk, 'lapsed', one);
}

/** What the next run begins with, and what whoever asks is told: as much of it as one message holds. */
export function stateOf(desk: Desk): EnvironmentState {
  const { turns, restraints, running, typicalMs, isUnwritten, unread, past, word } = desk;
  return fitting({
    ...{ format: 1, turns, restraints, running, word },
    ...(typicalMs === undefined ? {} : { typicalMs }),
    ...(isUnwritten ? { unwritten: true } : {}),
    ...(unread === undefined ? {} : { unread }),
    ...(past.length === 0 ? {} : { past }),
  });
}

export function statusOf(desk: Desk): EnvironmentStatus {
  const restraints = desk.restraints.filter((one) => isInForce(one, Date.now()));
  return { kind: 'environment', environment: desk.environment, ...stateOf(desk), restraints };
}

/** The zone does not know yet what restrains it, or does not any more; it is given some time to learn it. */
export function isBeingWritten({ isUnwritten, patientUntilMs }: Desk): boolean {
  return isUnwritten && Date.now() < patientUntilMs;
}

/** The next end of a stop or of patience, or the next look after holders that others wait for; undefined: nothing happens by itself. */
export function nextMomentMs(desk: Desk): number | undefined {
  const { restraints, turns, lookedMs, patientUntilMs } = desk;
  const ends = restraints.flatMap(({ until }) => (until === undefined ? [] : [Date.parse(until)]));
  const look = turns.queue.length > 0 && turns.held.length > 0 ? [lookedMs + HOLDERS_AGAIN_MS] : [];
  const patience = turns.queue.length > 0 && isBeingWritten(desk) ? [patientUntilMs] : [];
  const moments = [...ends, ...look, ...patience];
  return moments.length === 0 ? undefined : Math.min(...moments);
}
