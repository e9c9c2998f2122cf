/** A real Temporal server with the real workflows and activities that answer as a test says. One per test file. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { type ReleaseClient, connect } from '../../../src/client/index.ts';
import type { Activities } from '../../../src/contract/activities.ts';
import { scriptedActivities } from '../../support/scripted-activities.ts';
import { SEARCH_ATTRIBUTES } from '../../../src/contract/search-attributes.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../../src/contract/task-queues.ts';

const WORKFLOWS = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url));

/** One shard polls ten times a second by default, which makes every step slow. */
const TUNING = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxTimeShift="1ms"',
];

export const NEEDS_TEMPORAL = {
  skip: toolPath('temporal') !== undefined || process.env['CI'] ? false : 'temporal is not installed: npm run setup',
} as const;

export interface Engine {
  readonly address: string;
  readonly namespace: string;
  client(user?: string): Promise<ReleaseClient>;
  /** From now on the workers act so. They serve the engine's queue and three environments. */
  act(activities: Activities): void;
  stop(): Promise<void>;
}

export async function startEngine(): Promise<Engine> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } });
  const path = toolPath('temporal');
  if (path === undefined) throw new Error('temporal is not installed: npm run setup');
  const env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      ip: '127.0.0.1',
      searchAttributes: [...SEARCH_ATTRIBUTES],
      extraArgs: TUNING.flatMap((setting) => ['--dynamic-config-value', setting]),
    },
  });
  const bundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger });
  const namespace = env.namespace ?? 'default';
  const clients: ReleaseClient[] = [];
  const workers = await startWorkers(env, bundle);
  return {
    address: env.address,
    namespace,
    async client(user = 'pipeline') {
      const client = await connect({ address: env.address, namespace, user, callTimeoutMs: 5_000 });
      clients.push(client);
      return client;
    },
    act: workers.act,
    async stop() {
      await workers.stop();
      await Promise.all(clients.map((client) => client.close()));
      await env.teardown();
    },
  };
}

async function startWorkers(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleWithSourceMap,
): Promise<{ act: (activities: Activities) => void; stop: () => Promise<void> }> {
  const scripted = scriptedActivities().activities;
  let current: Activities = scripted;
  const names = Object.keys(scripted) as (keyof Activities)[];
  const activities = Object.fromEntries(
    names.map((name) => [name, (request: never) => (current[name] as (it: never) => Promise<unknown>)(request)]),
  );
  const queues = [ENGINE_QUEUE, ...['dev', 'staging', 'production'].map(environmentQueue)];
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        activities,
        ...(taskQueue === ENGINE_QUEUE ? { workflowBundle } : {}),
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  return {
    act: (next) => void (current = next),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    },
  };
}
