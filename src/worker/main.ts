/** The worker process: workflows, if asked for, and the activities of the environments whose credentials it holds. */
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker, type WorkerOptions, type WorkerTuner } from '@temporalio/worker';
import { createEngineActivities, createEnvironmentActivities } from '../../activities/index.ts';
import type { Config } from '../config/config.ts';
import type { TemporalAccess } from '../config/load.ts';
import type { TelemetrySettings } from '../config/telemetry.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import { PortError } from '../ports/port-error.ts';
import { createLogger } from '../telemetry/logger.ts';
import { callGuardian } from './call-guardian.ts';
import { observe } from './observe.ts';
import { type Probes, startProbes } from './probes.ts';
import { takeOver } from './take-over.ts';
import { watchEnvironment } from './watching.ts';
import { wireEnvironment, wireNotifier, wireWatch } from './wire.ts';
import { identityOf } from './worker-name.ts';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

/** Cached workflows cost about a third of a megabyte each; the SDK's own default grows with the heap until it kills the worker. */
export const CACHED_WORKFLOWS = 300;

/** Of processor and memory: beyond it no more than the least number of activities are begun. */
const IDLE_ENOUGH = { targetCpuUsage: 0.85, targetMemoryUsage: 0.85 };

/**
 * How much each queue's worker does at once. Activities wait for registries and clusters nearly all of the time: with the SDK's own 100,
 * as many long roll-outs kept every other promotion of the environment from its next step, and a stop from being written down. More of
 * them are begun only while there is room: under a burst, 2,000 at once would starve one another's signs of life.
 */
export const SLOTS: WorkerTuner = {
  workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 40 },
  activityTaskSlotSupplier: {
    type: 'resource-based',
    tunerOptions: IDLE_ENOUGH,
    minimumSlots: 100,
    maximumSlots: 2_000,
  },
  localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 100 },
  nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
};

export interface WorkerRequest {
  readonly config: Config;
  readonly temporal: TemporalAccess;
  /** Environments whose credentials this process holds. */
  readonly environments: readonly string[];
  /** Also run the workflows themselves (no credentials needed). */
  readonly engine: boolean;
  /** A name that no other live worker has: with it, a restarted worker goes on at once with what its earlier life did. */
  readonly name?: string;
  /** Workflows kept in memory; others are replayed from their history when something happens to them. */
  readonly cachedWorkflows?: number;
  /** Where metrics and traces go; undefined: nowhere. */
  readonly telemetry?: TelemetrySettings;
  /** `host:port` where a cluster asks whether this process lives and works; undefined: nowhere. */
  readonly probes?: string;
  readonly onReady?: (queues: readonly string[]) => void;
}

/** Runs until SIGTERM or SIGINT, then finishes what is under way. Throws PortError `temporal-unreachable`. */
export async function runWorker(request: WorkerRequest): Promise<void> {
  const logger = createLogger();
  const observed = await observe(request, logger);
  Runtime.install({ logger, ...observed?.runtime });
  const connection = await connect(request.temporal);
  const identity = identityOf(request.name, new Date());
  const started: Worker[] = [];
  let probes: Probes | undefined;
  try {
    if (request.probes !== undefined) probes = await startProbes(request.probes, () => started, connection);
    const [workers] = await Promise.all([
      Promise.all(
        workerOptions(request).map((options) =>
          Worker.create({ ...options, ...observed?.worker, identity, connection }),
        ),
      ),
      request.name === undefined ? undefined : goOn(request, connection, identity),
    ]);
    started.push(...workers);
    request.onReady?.(workers.map((worker) => worker.options.taskQueue));
    const over = new AbortController();
    const watches = Promise.all([
      watchGuarded(request, connection, over.signal),
      observed?.follow(connection, over.signal),
    ]);
    try {
      await Promise.all(workers.map((worker) => worker.run()));
    } finally {
      over.abort();
      await watches;
    }
  } finally {
    await probes?.close();
    await observed?.stop();
    await connection.close();
  }
}

/** What runs in the environments of this process, for their guardians; ends with the worker. */
async function watchGuarded(
  { config, environments, temporal: { namespace } }: WorkerRequest,
  connection: NativeConnection,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = Runtime.instance();
  const { rulebook } = config;
  const client = new Client({ connection, namespace });
  const watches = environments.map(async (environment) => {
    const watch = wireWatch(config, environment);
    if (watch === undefined) return;
    const call = (service: string) => callGuardian(client, { environment, service }, logger);
    await watchEnvironment({ environment, rulebook, watch, call, logger }, signal);
  });
  await Promise.all(watches);
}

/** Whatever prevents it, the worker starts all the same: the heartbeat timeout does the same, only later. */
async function goOn(
  { temporal, engine }: WorkerRequest,
  connection: NativeConnection,
  identity: string,
): Promise<void> {
  const { logger } = Runtime.instance();
  try {
    const taken = await takeOver({ connection, namespace: temporal.namespace, identity, engine });
    taken.forEach((what) => logger.info(`taken over from the worker that was killed: ${what}`));
  } catch (error) {
    logger.warn('could not look for what an earlier worker of this name has left; its heartbeat timeout decides', {
      error,
    });
  }
}

/** One worker for each task queue that this process serves; without a connection, so that nothing is started here. */
export function workerOptions(request: WorkerRequest): WorkerOptions[] {
  const { config, environments, engine, temporal } = request;
  const every = {
    namespace: temporal.namespace,
    maxCachedWorkflows: request.cachedWorkflows ?? CACHED_WORKFLOWS,
    tuner: SLOTS,
    // A killed import is resumed by the next worker; waiting for a long one would only delay a deployment of the worker.
    shutdownGraceTime: '10 seconds',
  };
  const zones = environments.map((environment) => ({
    ...every,
    taskQueue: environmentQueue(environment),
    activities: createEnvironmentActivities({
      environment,
      ports: wireEnvironment(config, environment),
      rulebook: config.rulebook,
      now: () => new Date(),
    }),
  }));
  const own = {
    ...every,
    taskQueue: ENGINE_QUEUE,
    workflowsPath: WORKFLOWS,
    // A killed worker's cached workflows are given to the next one after this long, not after the default ten seconds.
    stickyQueueScheduleToStartTimeout: '2 seconds',
    activities: createEngineActivities(config.rulebook, wireNotifier(config)),
  };
  return engine ? [own, ...zones] : zones;
}

async function connect({ connection, address }: TemporalAccess): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connection);
  } catch (cause) {
    throw new PortError('temporal-unreachable', `no Temporal server answers at ${address}`, {
      retry: 'yes',
      expected: 'a reachable Temporal frontend',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'start it ("npm run stack" on a laptop), or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE',
      cause,
    });
  }
}
