/** One release of the demo: started by the real command line, followed through the library, told line by line. */
import type { ReleaseClient, ReleaseView, WatchEvent } from '../../src/client/index.ts';
import type { CommandResult } from '../stack/sluice-command.ts';
import type { Stack } from '../stack/start-stack.ts';
import type { Stage } from './stage.ts';
import { teller } from './teller.ts';

export interface Scene {
  readonly stack: Stack;
  readonly stage: Stage;
  readonly client: ReleaseClient;
  readonly signal: AbortSignal;
}

/** Starts most releases; people are those of the local stack. */
export const PIPELINE = 'build-pipeline';

/** Reads every registry, and nothing else. */
export const AUDITOR = 'auditor';

/** Shows and runs one command as one user, with their own login; any exit code is an answer. */
export async function type(
  { stack, stage, signal }: Scene,
  user: string,
  args: readonly string[],
): Promise<CommandResult> {
  // A release is started on the pipeline's machine, whose identity may read the image, for whoever asked it to.
  const host = user === AUDITOR ? AUDITOR : user === PIPELINE || args[0] === 'start' ? 'pipeline' : 'person';
  stage.command(user, `sluice ${args.map(quoted).join(' ')}`);
  return stack.sluice(args, { host, user, signal });
}

export interface Following {
  /** Tells what happens until `enough` is true of an event, or the release has ended; resolves to how it stands then. */
  until(enough: (event: WatchEvent) => boolean): Promise<ReleaseView>;
  toTheEnd(): Promise<ReleaseView>;
}

const WATCHES = 5;

/** Everything that happens to a release, each event once, even when the watch breaks off because a worker was killed. */
export function follow({ stage, client, signal }: Scene, version: string): Following {
  const key = { service: 'iam', version };
  const tell = teller(stage);
  const told = new Set<string>();
  const onTrouble = (error: Error): void => stage.note(`the engine does not answer: ${error.message}`);
  const open = () => client.watch(key, { signal, onTrouble });
  let events = open();
  let watches = 1;

  async function next(): Promise<WatchEvent | undefined> {
    for (;;) {
      try {
        const { done, value } = await events.next();
        if (done || isNew(value)) return done ? undefined : value;
      } catch (error) {
        if (signal.aborted || watches++ === WATCHES) throw error;
        stage.note(`the watch broke off and begins again: ${(error as Error).message}`);
        events = open();
      }
    }
  }

  function isNew({ kind, environment, step, state, text }: WatchEvent): boolean {
    const event = [kind, environment, step, state, text].join('|');
    return !told.has(event) && told.add(event).has(event);
  }

  const until = async (enough: (event: WatchEvent) => boolean): Promise<ReleaseView> => {
    for (let event = await next(); event !== undefined; event = await next()) {
      tell(event);
      if (enough(event)) break;
    }
    signal.throwIfAborted();
    return client.status(key);
  };
  return { until, toTheEnd: () => until(() => false) };
}

function quoted(argument: string): string {
  return /^[\w@:./=-]+$/.test(argument) ? argument : `'${argument}'`;
}
