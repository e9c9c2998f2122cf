/** Watching on the terminal: a release for `watch` and `start --wait`, a roll-back for `rollback --wait`. */
import type {
  RehearsalPlace,
  RehearsalView,
  ReleaseClient,
  ReleaseEngineError,
  ReleaseKey,
  ReleaseView,
  RollbackView,
  WatchEvent,
  WatchOptions,
} from '../client/index.ts';
import type { Outcome, Waiting } from '../contract/status.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import type { Listener } from './pipeline/listener.ts';
import { notPassed } from './not-passed.ts';
import type { Terminal } from './terminal.ts';

export interface FollowOptions<View> {
  readonly timeoutMs?: number | undefined;
  /** With --json: print every event; otherwise only people see them. */
  readonly events: boolean;
  readonly listener: Listener;
  /** Told of every look. */
  readonly onView?: (view: View) => void;
}

export interface FollowReleaseOptions extends FollowOptions<ReleaseView> {
  /** Roll-backs to its version too. */
  readonly rollbacks?: boolean;
  /** Enough when it has arrived there. */
  readonly waitFor?: string | undefined;
}

/** How the following ended: with an outcome, or while it goes on. */
export type Verdict = OutcomeKind | 'reached' | 'waiting' | 'interrupted';

export interface Followed {
  readonly exit: ExitCode;
  readonly verdict: Verdict;
}

/** Throws `environment-unknown` when the release does not pass the one that is waited for. */
export async function follow(
  client: ReleaseClient,
  key: ReleaseKey,
  terminal: Terminal,
  { rollbacks = false, waitFor, onView, ...options }: FollowReleaseOptions,
): Promise<Followed> {
  const there = new AbortController();
  const name = `${key.service} ${key.version}`;
  const seen = (view: ReleaseView): void => {
    onView?.(view);
    options.listener.waits(waitingOf(view));
    if (waitFor !== undefined && hasArrived(view, waitFor)) there.abort();
  };
  const begin: Begin = ({ signal, onTrouble }) => {
    const either = AbortSignal.any([signal, there.signal]);
    const watching = client.watch(key, { signal: either, onTrouble, onView: seen, rollbacks });
    return watched(watching, (view) => view.release.outcome);
  };
  const left = `${name} goes on; look at it with "sluice status ${name}", follow it again with "sluice watch ${name}"`;
  const ended = await following(begin, left, terminal, { ...options, enough: there.signal });
  const isThere = there.signal.aborted && ended.verdict !== 'released';
  return isThere ? { exit: EXIT.ok, verdict: 'reached' } : ended;
}

/** As {@link follow}, of the newest roll-back of a service in an environment. */
export function followRollback(
  client: ReleaseClient,
  { service, environment }: Pick<RollbackView, 'service' | 'environment'>,
  terminal: Terminal,
  { onView, ...options }: FollowOptions<RollbackView>,
): Promise<Followed> {
  const seen = (view: RollbackView): void => {
    onView?.(view);
    options.listener.waits(view.standing?.waiting);
  };
  const begin: Begin = (watch) =>
    watched(client.watchRollback(service, environment, { ...watch, onView: seen }), (view) => view.outcome);
  const left = `the roll-back of ${service} goes on; look at it with "sluice environment ${environment}"`;
  return following(begin, left, terminal, options);
}

/** As {@link follow}, of the newest rehearsal of the way back; what it exits with when it has ended is told by its report. */
export function followRehearsal(
  client: ReleaseClient,
  place: RehearsalPlace,
  terminal: Terminal,
  { onView, ...options }: FollowOptions<RehearsalView>,
): Promise<Followed> {
  const { service, environment } = place;
  const seen = (view: RehearsalView): void => {
    onView?.(view);
    options.listener.waits(view.rollback?.standing?.waiting);
  };
  const outcomeOf = ({ ok, said = '' }: RehearsalView): Outcome | undefined =>
    ok === undefined ? undefined : { kind: ok ? 'released' : 'refused', reason: said };
  const begin: Begin = (watch) => watched(client.watchRehearsal(place, { ...watch, onView: seen }), outcomeOf);
  const left = `the rehearsal of ${service} goes on; follow it with the same command, look at it with "sluice environment ${environment}"`;
  return following(begin, left, terminal, options);
}

/** What the release or one of its promotions waits for. */
export function waitingOf({ release, promotions }: ReleaseView): Waiting | undefined {
  if (release.outcome !== undefined) return undefined;
  return promotions.findLast((one) => one.waiting !== undefined)?.waiting ?? release.waiting;
}

function hasArrived({ release }: ReleaseView, environment: string): boolean {
  const leg = release.legs.find((one) => one.environment === environment);
  // its journey is not read yet, or was refused before it was
  if (release.legs.length === 0) return false;
  if (leg !== undefined) return leg.outcome?.kind === 'released';
  const path = release.legs.map((one) => one.environment);
  throw notPassed(`${release.service} ${release.version}`, path, environment);
}

type Watching = AsyncGenerator<WatchEvent, Outcome | undefined>;
type Begin = (options: Required<Pick<WatchOptions, 'signal' | 'onTrouble'>>) => Watching;

async function* watched<View>(
  watching: AsyncGenerator<WatchEvent, View | undefined>,
  outcomeOf: (view: View) => Outcome | undefined,
): Watching {
  const view = yield* watching;
  return view === undefined ? undefined : outcomeOf(view);
}

interface FollowingOptions extends Pick<FollowOptions<never>, 'timeoutMs' | 'events' | 'listener'> {
  /** Aborted when nothing more is wanted. */
  readonly enough?: AbortSignal;
}

/** How people and the agents of pipelines say that they have had enough. */
const LEAVING = ['SIGINT', 'SIGTERM'] as const;

async function following(
  begin: Begin,
  left: string,
  terminal: Terminal,
  { timeoutMs, events, listener, enough }: FollowingOptions,
): Promise<Followed> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  for (const signal of LEAVING) process.once(signal, onInterrupt);
  const timer = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const ends = [interrupt.signal, ...(timer === undefined ? [] : [timer]), ...(events ? [terminal.gone] : [])];
  const signal = AbortSignal.any(ends);
  try {
    const outcome = await listen(begin, terminal, { events, listener }, signal);
    if (outcome !== undefined) return { exit: exitOfOutcome(outcome.kind), verdict: outcome.kind };
    // who only watches has nothing left to do; who waits for an outcome still wants its exit code
    if (events && terminal.gone.aborted) return { exit: EXIT.ok, verdict: 'interrupted' };
    if (enough?.aborted !== true) terminal.note(left);
    return interrupt.signal.aborted
      ? { exit: EXIT.interrupted, verdict: 'interrupted' }
      : { exit: EXIT.waiting, verdict: 'waiting' };
  } finally {
    for (const one of LEAVING) process.off(one, onInterrupt);
    listener.close();
  }
}

async function listen(
  begin: Begin,
  terminal: Terminal,
  { events, listener }: Pick<FollowingOptions, 'events' | 'listener'>,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  let trouble: string | undefined;
  const onTrouble = (error: ReleaseEngineError): void => {
    if (error.code !== trouble) listener.trouble(error);
    trouble = error.code;
  };
  const watching = begin({ signal, onTrouble });
  for (;;) {
    const next = await watching.next();
    if (next.done === true) return next.value;
    trouble = undefined;
    listener.event(next.value);
    if (events && terminal.json) terminal.sayJson(next.value);
  }
}
