/** Following a release: looks again when the engine's history grows, and now and then for what leaves no history (retries). */
import { setTimeout as delay } from 'node:timers/promises';
import { releaseId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { type ReleaseView, readStatus } from './status.ts';
import { type Look, type WatchEvent, eventsBetween } from './watch-events.ts';

/** Attempts of an activity are not in the history until it ends. */
const REFRESH_MS = 3_000;
/** A burst of history is one look. */
const COALESCE_MS = 50;

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** Told when the engine cannot answer for a while; the watch goes on. */
  readonly onTrouble?: (error: ReleaseEngineError) => void;
  /** Told of every look, before the events that it shows: for whoever draws the whole release anew. */
  readonly onView?: (view: ReleaseView) => void;
}

/** Ends after the outcome. Throws `release-not-found`; waits through missing workers and an unreachable engine. */
export async function* watchRelease(
  engine: Engine,
  key: ReleaseKey,
  { signal, onTrouble, onView }: WatchOptions = {},
): AsyncGenerator<WatchEvent, ReleaseView | undefined> {
  const ended = new AbortController();
  const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const growth = new HistoryGrowth(engine, stop);
  let before: Look | undefined;
  try {
    while (!stop.aborted) {
      const after = await unlessAborted(look(engine, key, before?.view, onTrouble), stop);
      if (after !== undefined) {
        onView?.(after);
        const now = { at: new Date().toISOString(), view: after };
        yield* eventsBetween(before, now);
        before = now;
        if (after.release.outcome !== undefined) return after;
      }
      const running =
        before?.view.release.legs.filter((leg) => leg.state === 'running').map((leg) => leg.workflowId) ?? [];
      await growth.next([releaseId(key.service, key.version), ...running]);
    }
    return before?.view;
  } finally {
    ended.abort();
  }
}

async function look(
  engine: Engine,
  key: ReleaseKey,
  before: ReleaseView | undefined,
  onTrouble: WatchOptions['onTrouble'],
): Promise<ReleaseView | undefined> {
  try {
    return await readStatus(engine, key, before?.promotions);
  } catch (error) {
    const passing =
      error instanceof ReleaseEngineError && (error.code === 'worker-missing' || error.code === 'temporal-unreachable');
    if (!passing || (before === undefined && onTrouble === undefined)) throw error;
    onTrouble?.(error);
    return undefined;
  }
}

/** A look that is under way does not keep somebody who wants to leave. */
async function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([value, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Long polls for new events of some workflows. */
class HistoryGrowth {
  readonly #engine: Engine;
  readonly #signal: AbortSignal;
  readonly #tokens = new Map<string, Uint8Array>();
  readonly #closed = new Set<string>();
  readonly #polls = new Map<string, Promise<void>>();

  constructor(engine: Engine, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  /** Resolves when one of the histories has grown, when it is time to look anyway, or when the watch is stopped. */
  async next(workflowIds: readonly string[]): Promise<void> {
    const open = workflowIds.filter((id) => !this.#closed.has(id));
    const polls = open.map((id) => {
      const poll = this.#polls.get(id) ?? this.#poll(id).finally(() => this.#polls.delete(id));
      this.#polls.set(id, poll);
      return poll;
    });
    await Promise.race([...polls, this.#pause(REFRESH_MS)]);
    await this.#pause(COALESCE_MS);
  }

  async #poll(workflowId: string): Promise<void> {
    const { connection, namespace } = this.#engine;
    try {
      const token = this.#tokens.get(workflowId);
      const answer = await connection.withAbortSignal(this.#signal, () =>
        connection.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution: { workflowId },
          waitNewEvent: true,
          ...(token === undefined ? {} : { nextPageToken: token }),
        }),
      );
      // without a token the history is at its end: one more look, and nothing to wait for any more
      if (answer.nextPageToken == null || answer.nextPageToken.length === 0) this.#closed.add(workflowId);
      else this.#tokens.set(workflowId, answer.nextPageToken);
    } catch {
      // the next look says what is wrong; here it only must not become a busy loop
      this.#tokens.delete(workflowId);
      await this.#pause(REFRESH_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}
