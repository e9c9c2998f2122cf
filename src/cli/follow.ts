/** Watching a release on the terminal: for `watch`, and for `start --wait`. */
import { type ReleaseClient, type ReleaseEngineError, type ReleaseKey, type WatchEvent } from '../client/index.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { renderEvent } from './render/watch-line.ts';
import { type Terminal, tame } from './terminal.ts';

export interface FollowOptions {
  readonly timeoutMs?: number | undefined;
  /** With --json: print every event; otherwise only people see them. */
  readonly events: boolean;
}

/** Resolves to the exit code of the outcome, or of what ended the watching. */
export async function follow(
  client: ReleaseClient,
  key: ReleaseKey,
  terminal: Terminal,
  { timeoutMs, events }: FollowOptions,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const timer = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signal = timer === undefined ? interrupt.signal : AbortSignal.any([interrupt.signal, timer]);
  try {
    return (await print(client, key, terminal, events, signal)) ?? unfinished(key, terminal, interrupt.signal.aborted);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function print(
  client: ReleaseClient,
  key: ReleaseKey,
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
  const watching = client.watch(key, { signal, onTrouble });
  for (;;) {
    const next = await watching.next();
    if (next.done === true) {
      const outcome = next.value?.release.outcome;
      return outcome === undefined ? undefined : exitOfOutcome(outcome.kind);
    }
    trouble = undefined;
    show(next.value, terminal, events);
  }
}

function show(event: WatchEvent, terminal: Terminal, events: boolean): void {
  if (!terminal.json) terminal.say(renderEvent(tame(event), terminal.paint));
  else if (events) terminal.sayJson(event);
}

function unfinished({ service, version }: ReleaseKey, terminal: Terminal, interrupted: boolean): ExitCode {
  terminal.note(`${service} ${version} goes on; look at it with "sluice status ${service} ${version}"`);
  return interrupted ? EXIT.interrupted : EXIT.waiting;
}
