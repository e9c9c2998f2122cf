/** The real workflows and the real activities on the skipped clock: one worker for the engine, one for each zone. */
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { createEngineActivities, createEnvironmentActivities, type Zone } from '../../activities/index.ts';
import { createMemoryNotifier } from '../adapters/notifier/memory.ts';
import type { EnvironmentActivities } from '../contract/activities.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import type { Rulebook } from '../domain/rulebook.ts';
import type { SkippedTime } from './skipped-time.ts';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

/** Runs them while `work` runs, and ends them after it. A worker that dies ends the work with its error. */
export async function whileWorking<Result>(
  time: SkippedTime,
  zones: readonly Zone[],
  rulebook: Rulebook,
  work: () => Promise<Result>,
): Promise<Result> {
  const { connection } = time;
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: ENGINE_QUEUE,
      workflowsPath: WORKFLOWS,
      // a defect must end the rehearsal, not hang it
      workflowFailureErrorTypes: { '*': ['Error'] },
      // who is told of real releases hears nothing of a rehearsal, and nobody looks after what it leaves
      activities: createEngineActivities(
        { ...rulebook, receivers: [], guardians: {} },
        createMemoryNotifier([]).notifier,
      ),
    }),
    ...zones.map((zone) =>
      Worker.create({
        connection,
        taskQueue: environmentQueue(zone.environment),
        activities: onTime(createEnvironmentActivities(zone), time),
      }),
    ),
  ]);
  const nested = workers.reduceRight<() => Promise<Result>>((inner, worker) => () => worker.runUntil(inner()), work);
  return nested();
}

type Activity = (request: unknown) => Promise<unknown>;

/** Each looks at the clock first: it may have skipped weeks since the one before. While an activity runs, time stands. */
function onTime(activities: EnvironmentActivities, { look }: SkippedTime): EnvironmentActivities {
  const entries = Object.entries(activities) as [string, Activity][];
  const timed = entries.map(([name, act]) => [
    name,
    async (request: unknown) => {
      await look();
      return act(request);
    },
  ]);
  return Object.fromEntries(timed) as EnvironmentActivities;
}
