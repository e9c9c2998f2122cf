/** Following a release to its end, or for as long as somebody wants to, and reporting that to whoever waits: `watch` and `start --wait`. */
import type { ReleaseClient, ReleaseView } from '../client/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { follow } from './follow.ts';
import { type Journey, journeyOf } from './pipeline/journey.ts';
import type { Pipeline } from './pipeline/options.ts';
import { listenerOf, report } from './pipeline/report.ts';
import type { Terminal } from './terminal.ts';

export interface FollowWish {
  readonly timeoutMs?: number | undefined;
  /** With --json: print every event. */
  readonly events: boolean;
  readonly rollbacks?: boolean;
  readonly waitFor?: string | undefined;
  readonly abortOnCancel?: boolean;
  readonly pipeline: Pipeline;
}

/** `begun` says what is known already. Resolves to the exit code of the outcome, or of what ended the following. */
export async function followRelease(
  client: ReleaseClient,
  begun: Pick<Journey, 'service' | 'version'> & Journey,
  terminal: Terminal,
  { pipeline, abortOnCancel = false, ...options }: FollowWish,
): Promise<ExitCode> {
  const key = { service: begun.service, version: begun.version ?? '' };
  let seen: ReleaseView | undefined;
  const listener = listenerOf(pipeline, terminal);
  const onView = (view: ReleaseView): void => void (seen = view);
  const ended = await follow(client, key, terminal, { ...options, listener, onView });
  if (abortOnCancel && ended.exit === EXIT.interrupted) {
    const { message } = await client.abort({ ...key, reason: 'the pipeline run that waited for it was cancelled' });
    terminal.note(message);
  }
  return report(ended, seen === undefined ? begun : journeyOf(seen), pipeline, terminal);
}
