/** One release of the demo: started by the real command line, followed through the library, told line by line. */
import type { ReleaseClient, ReleaseView, WatchEvent } from '../../src/client/index.ts';
import type { CommandResult } from '../stack/sluice-command.ts';
import type { Stack } from '../stack/start-stack.ts';
import type { Stage } from './stage.ts';

export interface Scene {
  readonly stack: Stack;
  readonly stage: Stage;
  readonly client: ReleaseClient;
  readonly signal: AbortSignal;
}

/** Who starts releases, and who may say yes to them. */
export const PIPELINE = 'build-pipeline';
export const APPROVER = 'release-manager';

/** Shows and runs one command as one user; any exit code is an answer. */
export async function type(
  { stack, stage, signal }: Scene,
  user: string,
  args: readonly string[],
): Promise<CommandResult> {
  const host = user === PIPELINE ? 'pipeline' : 'person';
  stage.command(`sluice ${args.map(quoted).join(' ')}`);
  return stack.sluice(args, { host, user, signal });
}

/** Follows a release until `until` is true of an event or it has ended; resolves to the last look at it. */
export async function follow(
  { stage, client, signal }: Scene,
  version: string,
  until: (event: WatchEvent) => boolean = () => false,
): Promise<ReleaseView> {
  const enough = new AbortController();
  const key = { service: 'iam', version };
  const onTrouble = (error: Error): void => stage.note(`the engine does not answer: ${error.message}`);
  const either = AbortSignal.any([signal, enough.signal]);
  for await (const event of client.watch(key, { signal: either, onTrouble })) {
    tell(stage, event);
    if (until(event)) {
      enough.abort();
      break;
    }
  }
  signal.throwIfAborted();
  return client.status(key);
}

const MARKS: Readonly<Record<string, string>> = { failed: '✗ ', undone: '↶ ', skipped: '– ' };
const QUIET_STATES = ['pending', 'running'];

function tell(stage: Stage, event: WatchEvent): void {
  if (event.kind === 'step' && QUIET_STATES.includes(event.state ?? '')) return;
  const mark = MARKS[event.state ?? ''] ?? '';
  stage.line(
    event.environment ?? '',
    event.step === undefined ? event.kind : `${mark}${event.step}`,
    event.text,
    event.tookMs,
  );
}

function quoted(argument: string): string {
  return /^[\w@:./=-]+$/.test(argument) ? argument : `'${argument}'`;
}
