/** Whether somebody asks a task queue for work. */
import { ReleaseEngineError } from './release-engine-error.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import type { Engine } from './engine.ts';

// temporal.api.enums.v1.TaskQueueType
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/** A worker's poll lasts a minute at most; the server remembers pollers for five, long after they are gone. */
const FRESH_MS = 75_000;

export interface QueueState {
  readonly queue: string;
  /** Identities of the workers that asked lately. */
  readonly workers: readonly string[];
  /** ISO 8601; undefined: nobody asked within the last minutes. */
  readonly lastSeen?: string;
}

export async function describeQueue(engine: Engine, queue: string): Promise<QueueState> {
  const answers = await Promise.all(
    [WORKFLOW_TASKS, ACTIVITY_TASKS].map((taskQueueType) =>
      engine.connection.withDeadline(Date.now() + engine.callTimeoutMs, () =>
        engine.connection.workflowService.describeTaskQueue({
          namespace: engine.namespace,
          taskQueue: { name: queue },
          taskQueueType,
        }),
      ),
    ),
  );
  const pollers = answers.flatMap((answer) => answer.pollers ?? []);
  const seen = pollers.map(({ identity, lastAccessTime }) => ({
    identity: identity ?? '',
    at: Number(lastAccessTime?.seconds ?? 0) * 1_000,
  }));
  const fresh = seen.filter(({ at }) => Date.now() - at < FRESH_MS);
  const last = Math.max(0, ...seen.map(({ at }) => at));
  return {
    queue,
    workers: [...new Set(fresh.map(({ identity }) => identity))],
    ...(last === 0 ? {} : { lastSeen: new Date(last).toISOString() }),
  };
}

/** The error to report when nobody serves `queue`; undefined when somebody does. */
export async function missingWorker(
  engine: Engine,
  queue: string,
  cause: unknown,
): Promise<ReleaseEngineError | undefined> {
  const state = await describeQueue(engine, queue);
  if (state.workers.length > 0) return undefined;
  const since = state.lastSeen === undefined ? '' : `; the last one asked at ${state.lastSeen}`;
  return new ReleaseEngineError('worker-missing', `no worker serves the queue "${queue}"${since}`, {
    remedy: `start one: ${commandFor(queue)}; nothing is lost, the release goes on then`,
    cause,
  });
}

function commandFor(queue: string): string {
  return queue === ENGINE_QUEUE
    ? 'sluice worker --engine'
    : `sluice worker --environments ${queue.slice(ENGINE_QUEUE.length + 1)}`;
}
