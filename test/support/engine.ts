/** A Temporal server with our workflows on it, for one test file: started once, with time that tests can skip. */
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ConnectionPlugin } from '@temporalio/client';
import type { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  type Logger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { retriesWhile } from '../../src/client/connect.ts';
import { connect, type ReleaseClient } from '../../src/client/index.ts';
import type { Activities } from '../../src/contract/activities.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../src/contract/task-queues.ts';
import { toolPath } from '../../local/tools/tool-path.ts';
import { tellingWhenLate } from './late.ts';

export const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

export interface Engine {
  readonly env: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundleWithSourceMap;
  /**
   * Runs workers for the engine's queue and the given environments while `test` runs. Ask queries inside: the test server
   * sends them to the worker that ran the workflow last, and waits for it without end.
   */
  during<Result>(
    activities: Activities,
    test: () => Promise<Result>,
    environments?: readonly string[],
  ): Promise<Result>;
  stop(): Promise<void>;
}

/**
 * `skipping`: days pass at once, on Temporal's test server. `real`: the server that production runs; the test server does not
 * go on after an activity was cancelled in the same task in which another one is scheduled.
 */
export async function startEngine(
  kind: 'skipping' | 'real' = 'skipping',
  logger: Logger = new DefaultLogger('ERROR'),
): Promise<Engine> {
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const env = await (kind === 'real' ? realServer() : skippingServer());
  await registerSearchAttributes(env);
  const bundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
  return {
    env,
    bundle,
    during: (activities, test, environments) => during(env, bundle, activities, test, environments),
    stop: () => env.teardown(),
  };
}

/** An engine of the suite in which this is called: started before its tests, stopped after them. */
export function engineOfSuite(kind: Parameters<typeof startEngine>[0] = 'skipping'): Engine {
  let started: Engine | undefined;
  const engine = (): Engine => {
    if (started === undefined) throw new Error('the engine of a suite runs while its tests do');
    return started;
  };
  before(async () => {
    started = await startEngine(kind);
  });
  after(() => started?.stop());
  return {
    get env() {
      return engine().env;
    },
    get bundle() {
      return engine().bundle;
    },
    during: (...work) => engine().during(...work),
    stop: () => engine().stop(),
  };
}

/** What each of these people's client is, from before the suite's tests until after them. */
export function clientsOfSuite<Name extends string>(
  engine: Engine,
  ...names: readonly Name[]
): Readonly<Record<Name, ReleaseClient>> {
  const clients = {} as Record<Name, ReleaseClient>;
  before(async () => {
    for (const user of names)
      clients[user] = await connect({ address: engine.env.address, namespace: 'default', user });
  });
  after(() => Promise.all(names.map((name) => clients[name].close())));
  return clients;
}

function skippingServer(): Promise<TestWorkflowEnvironment> {
  const server = { executable: executable('temporal-test-server') };
  return TestWorkflowEnvironment.createTimeSkipping({ server, plugins: [RETRIES] });
}

function realServer(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({ server: { executable: executable('temporal') }, plugins: [RETRIES] });
}

/** What our own connections do about updates that the server has dropped, tests need as well. */
const RETRIES: ConnectionPlugin = {
  name: 'sluice.retries',
  configureConnection: (options) => ({ ...options, interceptors: [retriesWhile(() => true)] }),
};

function executable(tool: 'temporal' | 'temporal-test-server'): { type: 'existing-path'; path: string } {
  const path = toolPath(tool);
  if (path === undefined) throw new Error(`${tool} is not installed: npm run setup`);
  return { type: 'existing-path', path };
}

async function during<Result>(
  env: TestWorkflowEnvironment,
  bundle: WorkflowBundleWithSourceMap,
  given: Activities,
  test: () => Promise<Result>,
  environments: readonly string[] = ['dev', 'staging', 'production'],
): Promise<Result> {
  const connection = env.nativeConnection;
  const over = Promise.withResolvers<never>();
  const activities = endingWith(given, over.promise);
  const engine = await Worker.create({
    connection,
    taskQueue: ENGINE_QUEUE,
    workflowBundle: bundle,
    // A defect in workflow code fails the test instead of hanging it.
    workflowFailureErrorTypes: { '*': ['Error'] },
    activities,
  });
  const zones = await Promise.all(
    environments.map((name) => Worker.create({ connection, taskQueue: environmentQueue(name), activities })),
  );
  const [first, ...rest] = [engine, ...zones].map((worker) => (work: () => Promise<Result>) => worker.runUntil(work()));
  let stage = 'testing';
  const tested = (): Promise<Result> =>
    test().finally(() => {
      stage = 'stopping workers';
      over.reject(new Error('the test is over'));
    });
  const nested = rest.reduce<() => Promise<Result>>((inner, run) => () => run(inner), tested);
  const work = (first as (work: () => Promise<Result>) => Promise<Result>)(nested);
  return tellingWhenLate(env, () => stage, work);
}

/** A worker waits for its activities, and one that a failed test holds back would let nobody see how it failed. */
function endingWith(activities: Activities, over: Promise<never>): Activities {
  over.catch(() => undefined);
  const act =
    (activity: (...args: never[]) => Promise<unknown>) =>
    (...args: never[]) =>
      Promise.race([activity(...args), over]);
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, act(activity)])) as never;
}

async function registerSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const KEYWORD = 2;
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes: Object.fromEntries(
      SEARCH_ATTRIBUTES.map((key: ReturnType<typeof defineSearchAttributeKey>) => [key.name, KEYWORD]),
    ),
  });
}
