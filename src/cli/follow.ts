/** Watching on the terminal: a release for `watch` and `start --wait`, a roll-back for `rollback --wait`. */
import type {
  ReleaseClient,
  ReleaseEngineError,
  ReleaseKey,
  RollbackView,
  WatchEvent,
  WatchOptions,
} from '../client/index.ts';
import type { Outcome } from '../contract/status.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { renderEvent } from './render/watch-line.ts';
import { type Terminal, tame } from './terminal.ts';

export interface FollowOptions {
  readonly timeoutMs?: number | undefined;
  /** With --json: print every event; otherwise only people see them. */
  readonly events: boolean;
  /** Of a release: roll-backs to its version too. */
  readonly rollbacks?: boolean;
}

/** Resolves to the exit code of the outcome, or of what ended the watching. */
export function follow(
  client: ReleaseClient,
  key: ReleaseKey,
  terminal: Terminal,
  { rollbacks = false, ...options }: FollowOptions,
): Promise<ExitCode> {
  const name = `${key.service} ${key.version}`;
  const begin: Begin = (watch) => watched(client.watch(key, { ...watch, rollbacks }), (view) => view.release.outcome);
  return following(begin, `${name} goes on; look at it with "sluice status ${name}"`, terminal, options);
}

/** As {@link follow}, of the newest roll-back of a service in an environment. */
export function followRollback(
  client: ReleaseClient,
  { service, environment }: Pick<RollbackView, 'service' | 'environment'>,
  terminal: Terminal,
  options: FollowOptions,
): Promise<ExitCode> {
  const begin: Begin = (watch) => watched(client.watchRollback(service, environment, watch), (view) => view.outcome);
  const left = `the roll-back of ${service} goes on; look at it with "sluice environment ${environment}"`;
  return following(begin, left, terminal, options);
}

type Watching = AsyncGenerator<WatchEvent, Outcome | undefined>;
type Begin = (options: Pick<WatchOptions, 'signal' | 'onTrouble'>) => Watching;

async function* watched<View>(
  watching: AsyncGenerator<WatchEvent, View | undefined>,
  outcomeOf: (view: View) => Outcome | undefined,
): Watching {
  const view = yield* watching;
  return view === undefined ? undefined : outcomeOf(view);
}

async function following(
  begin: Begin,
  left: string,
  terminal: Terminal,
  { timeoutMs, events }: FollowOptions,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const timer = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const ends = [interrupt.signal, ...(timer === undefined ? [] : [timer]), ...(events ? [terminal.gone] : [])];
  const signal = AbortSignal.any(ends);
  try {
    const ended = await print(begin, terminal, events, signal);
    if (ended !== undefined) return ended;
    // who only watches has nothing left to do; who waits for an outcome still wants its exit code
    if (events && terminal.gone.aborted) return EXIT.ok;
    terminal.note(left);
    return interrupt.signal.aborted ? EXIT.interrupted : EXIT.waiting;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function print(
  begin: Begin,
  terminal: Terminal,
  events: boolean,
  signal: AbortSignal,
): Promise<ExitCode | undefined> {
  let trouble: string | undefined;
  const onTrouble = (error: ReleaseEngineError): void => {
    if (error.code !== trouble)
      terminal.note(`${error.message}${error.remedy === undefined ? '' : `; ${error.remedy}`}`);
    trouble = error.code;
  };
  const watching = begin({ signal, onTrouble });
  for (;;) {
    const next = await watching.next();
    if (next.done === true) return next.value === undefined ? undefined : exitOfOutcome(next.value.kind);
    trouble = undefined;
    show(next.value, terminal, events);
  }
}

function show(event: WatchEvent, terminal: Terminal, events: boolean): void {
  if (!terminal.json) terminal.say(renderEvent(tame(event), terminal.paint));
  else if (events) terminal.sayJson(event);
}
