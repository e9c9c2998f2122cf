/** One Temporal server, a client, and workers as processes of their own; everything ends with `close`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { startTemporal, type Temporal } from '../local/temporal/start-temporal.ts';
import { type Program, startProgram } from '../local/tools/program.ts';
import { until } from '../local/tools/until.ts';
import { openEngine } from '../src/client/connect.ts';
import type { Engine } from '../src/client/engine.ts';
import { ENGINE_QUEUE, environmentQueue } from '../src/contract/task-queues.ts';
import { FLOOR_QUEUE, floorQueue, HOLDERS_QUEUE } from './floor/shape.ts';
import type { Setting } from './journey/setting.ts';

export type WorkerSetting = Omit<Setting, 'address' | 'namespace'>;

export interface Rig {
  readonly engine: Engine;
  readonly client: Client;
  readonly temporal: Temporal;
  /** A folder that goes with the rig. */
  readonly folder: string;
  /** Starts a worker process and resolves when it polls every queue. */
  startWorker(setting: WorkerSetting): Promise<Program>;
  /** The end of what each worker wrote, for messages. */
  logTails(): string;
  close(): Promise<void>;
}

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const READY_MS = 60_000;

export async function openRig(): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const temporal = await startTemporal({ headless: true, logFile: join(folder, 'temporal.log') });
  const engine = await openEngine({ address: temporal.address, namespace: temporal.namespace, user: 'bench' });
  const client = engine.temporal;
  const workers: Program[] = [];
  return {
    engine,
    client,
    temporal,
    folder,
    async startWorker(setting) {
      const full: Setting = { ...setting, address: temporal.address, namespace: temporal.namespace };
      const worker = await startProgram({
        name: `${setting.side} worker`,
        file: process.execPath,
        args: [WORKER, JSON.stringify(full)],
        env: { ...process.env, ...setting.variables },
        logFile: join(folder, `${setting.side}-${workers.length}.log`),
      });
      workers.push(worker);
      await untilPolling(client, temporal.namespace, worker, queuesOf(setting));
      return worker;
    },
    logTails: () => workers.map((worker) => `${worker.name}:\n${worker.logTail()}`).join('\n'),
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await engine.close();
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function queuesOf({ side, path }: WorkerSetting): readonly string[] {
  if (side === 'holders') return [HOLDERS_QUEUE];
  return side === 'engine' ? [ENGINE_QUEUE, ...path.map(environmentQueue)] : [FLOOR_QUEUE, ...path.map(floorQueue)];
}

/** A worker that has never polled is not there yet: asks the server for pollers of this very process. */
async function untilPolling(
  client: Client,
  namespace: string,
  worker: Program,
  queues: readonly string[],
): Promise<void> {
  const identity = `${worker.pid}@`;
  for (const name of queues) {
    await until(
      async () => {
        const { pollers } = await client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name },
          taskQueueType: 2,
        });
        return pollers?.some((one) => one.identity?.startsWith(identity)) ?? false;
      },
      {
        what: `${worker.name} on queue ${name}`,
        timeoutMs: READY_MS,
        hopeless: worker.ended.then((how) => `it ended (${how}):\n${worker.logTail()}`),
      },
    );
  }
}
