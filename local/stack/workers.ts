/** The two worker processes, one for each trust zone: started, killed as a crash would, started again. */
import { Connection } from '@temporalio/client';
import { join } from 'node:path';
import { ENGINE_QUEUE, environmentQueue } from '../../src/contract/task-queues.ts';
import { checkout } from '../tools/place.mjs';
import { type Program, startProgram } from '../tools/program.ts';
import { until } from '../tools/until.ts';
import { type Zone, ZONES } from './world.ts';

export interface WorkerOptions {
  readonly zone: Zone;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

export interface Worker {
  readonly zone: Zone;
  readonly pid: number;
  readonly running: boolean;
  /** Resolves when Temporal has heard of it on each of its queues. Starting twice is starting once. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM, and after a while SIGKILL. */
  stop(): Promise<void>;
}

export const SLUICE = join(checkout, 'bin', 'sluice');
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 8000;
const WORKFLOW_QUEUE = 1; // temporal.api.enums.v1.TaskQueueType
const ACTIVITY_QUEUE = 2;

export function createWorker(options: WorkerOptions): Worker {
  const { host: _, environments, engine } = ZONES[options.zone];
  let program: Program | undefined;
  return {
    zone: options.zone,
    get pid() {
      return program?.pid ?? 0;
    },
    get running() {
      return program?.running ?? false;
    },
    async start() {
      if (program?.running) return;
      program = await startProgram({
        name: `worker ${options.zone}`,
        file: SLUICE,
        args: [
          'worker',
          '--name',
          options.zone,
          '--environments',
          environments.join(','),
          ...(engine ? ['--engine'] : []),
        ],
        env: options.env,
        cwd: checkout,
        logFile: options.logFile,
      });
      await untilPolling(program, options);
    },
    kill: async () => program?.kill(),
    stop: async () => program?.stop(STOP_GRACE_MS),
  };
}

/** Workers name themselves `pid@host…`; Temporal lists who has asked each queue for work. */
async function untilPolling(program: Program, options: WorkerOptions): Promise<void> {
  const { environments, engine } = ZONES[options.zone];
  const queues = [
    ...environments.map((name) => ({ name: environmentQueue(name), taskQueueType: ACTIVITY_QUEUE })),
    ...(engine ? [{ name: ENGINE_QUEUE, taskQueueType: WORKFLOW_QUEUE }] : []),
  ];
  const connection = Connection.lazy({ address: options.temporalAddress, interceptors: [] });
  const isPolled = async ({ name, taskQueueType }: (typeof queues)[number]): Promise<boolean> => {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue: { name },
      taskQueueType,
    });
    return (pollers ?? []).some(({ identity }) => identity?.startsWith(`${program.pid}@`));
  };
  try {
    await until(async () => (await Promise.all(queues.map(isPolled))).every(Boolean), {
      what: `${program.name} (log: ${program.logFile})`,
      timeoutMs: START_TIMEOUT_MS,
      signal: options.signal,
      hopeless: program.ended.then((how) => `it ended (${how}):\n${program.logTail()}`),
    });
  } catch (error) {
    await program.stop();
    throw error;
  } finally {
    await connection.close();
  }
}
