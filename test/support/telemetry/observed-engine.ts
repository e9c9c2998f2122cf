/** The workers of an engine with telemetry, as `sluice worker` makes them. */
import { Worker } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import type { TelemetrySettings } from '../../../src/config/telemetry.ts';
import type { Activities } from '../../../src/contract/activities.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../../src/contract/task-queues.ts';
import { startTelemetry, type Telemetry } from '../../../src/telemetry/start-telemetry.ts';
import { type Engine, WORKFLOWS } from '../engine.ts';

export const INTERCEPTORS = fileURLToPath(new URL('../../../workflows/observing/interceptors.ts', import.meta.url));
const ENVIRONMENTS = ['dev', 'staging', 'production'];

export interface ObservedOptions {
  readonly settings: Partial<TelemetrySettings>;
  /** 0: every task replays its workflow from the beginning. */
  readonly cachedWorkflows?: number;
}

/** Telemetry has sent what it had when this resolves. */
export async function duringObserved<Result>(
  engine: Engine,
  activities: Activities,
  { settings, cachedWorkflows }: ObservedOptions,
  test: (telemetry: Telemetry) => Promise<Result>,
): Promise<Result> {
  const resource = { 'service.name': 'sluice' };
  const telemetry = await startTelemetry({ resource, metricsEveryMs: 1_000, ...settings }, new DefaultLogger('ERROR'));
  const connection = engine.env.nativeConnection;
  const own = await Worker.create({
    connection,
    taskQueue: ENGINE_QUEUE,
    workflowsPath: WORKFLOWS,
    workflowFailureErrorTypes: { '*': ['Error'] },
    activities,
    sinks: telemetry.sinks,
    interceptors: { activity: [telemetry.activityInterceptor], workflowModules: [INTERCEPTORS] },
    ...(cachedWorkflows === undefined ? {} : { maxCachedWorkflows: cachedWorkflows }),
  });
  const zones = await Promise.all(
    ENVIRONMENTS.map((name) =>
      Worker.create({
        connection,
        taskQueue: environmentQueue(name),
        activities,
        interceptors: { activity: [telemetry.activityInterceptor] },
      }),
    ),
  );
  const all = [own, ...zones].reduce<() => Promise<Result>>(
    (inner, worker) => () => worker.runUntil(inner),
    () => test(telemetry),
  );
  try {
    return await all();
  } finally {
    await telemetry.stop();
  }
}
