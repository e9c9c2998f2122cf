/** Noticing that something has happened to some workflows: the server tells, and now and then one looks anyway. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** Attempts of an activity are not in the history until it ends. */
const REFRESH_MS = 3_000;
/** A burst of history is one look. */
const COALESCE_MS = 50;

/** Without a run the newest one. */
export interface WatchedRun {
  readonly workflowId: string;
  readonly runId?: string;
}

/** Long polls for new events of some workflows. */
export class HistoryGrowth {
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
  async next(runs: readonly WatchedRun[]): Promise<void> {
    const open = runs.filter((run) => !this.#closed.has(nameOf(run)));
    const polls = open.map((run) => {
      const name = nameOf(run);
      const poll = this.#polls.get(name) ?? this.#poll(run, name).finally(() => this.#polls.delete(name));
      this.#polls.set(name, poll);
      return poll;
    });
    await Promise.race([...polls, this.#pause(REFRESH_MS)]);
    await this.#pause(COALESCE_MS);
  }

  async #poll(execution: WatchedRun, name: string): Promise<void> {
    const { connection, namespace } = this.#engine;
    try {
      const token = this.#tokens.get(name);
      const answer = await connection.withAbortSignal(this.#signal, () =>
        connection.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution,
          waitNewEvent: true,
          ...(token === undefined ? {} : { nextPageToken: token }),
        }),
      );
      // without a token the history is at its end: one more look, and nothing to wait for any more
      if (answer.nextPageToken == null || answer.nextPageToken.length === 0) this.#closed.add(name);
      else this.#tokens.set(name, answer.nextPageToken);
    } catch {
      // the next look says what is wrong; here it only must not become a busy loop
      this.#tokens.delete(name);
      await this.#pause(REFRESH_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}

function nameOf({ workflowId, runId = '' }: WatchedRun): string {
  return `${workflowId} ${runId}`;
}
