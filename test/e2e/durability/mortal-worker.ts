/**
 * A worker that dies: with SIGKILL, once before and once after each activity, before anything of the activity happened and after all
 * of it happened but nobody was told. `SLUICE_DEATHS` names the file in which it remembers its deaths;
 * without it the worker lives.
 *   node mortal-worker.ts ENVIRONMENT[,ENVIRONMENT] [--engine]
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { activityInfo } from '@temporalio/activity';
import {
  type ActivityInboundCallsInterceptor,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { loadConfig, temporalAccess } from '../../../src/config/load.ts';
import { workerOptions } from '../../../src/worker/main.ts';

const [environments = '', engine] = process.argv.slice(2);
const deaths = process.env['SLUICE_DEATHS'] ?? '';

function dieOnce(boundary: string): void {
  if (deaths === '') return;
  const died = existsSync(deaths) ? readFileSync(deaths, 'utf8').split('\n') : [];
  if (died.includes(boundary)) return;
  appendFileSync(deaths, `${boundary}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** A workflow may run the same activity several times: on its way, and again on its way back. */
function nameOf(): string {
  const { workflowExecution, activityType, activityId } = activityInfo();
  return `${workflowExecution?.workflowId} ${activityType} #${activityId}`;
}

const mortal: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    const name = nameOf();
    dieOnce(`before ${name}`);
    const result = await next(input);
    dieOnce(`after ${name}`);
    return result;
  },
};

Runtime.install({ logger: new DefaultLogger('WARN') });
const temporal = temporalAccess();
const connection = await NativeConnection.connect(temporal.connection);
const request = {
  config: await loadConfig(),
  temporal,
  environments: environments.split(','),
  engine: engine === '--engine',
};
const workers = await Promise.all(workerOptions(request).map((one) => Worker.create(mortalOptions(one))));
await Promise.all(workers.map((worker) => worker.run()));

/** Workflows come bundled, since this process starts a hundred times. */
function mortalOptions({ workflowsPath, ...options }: WorkerOptions): WorkerOptions {
  const bundled =
    workflowsPath === undefined ? {} : { workflowBundle: { codePath: process.env['SLUICE_BUNDLE'] ?? '' } };
  return { ...options, ...bundled, connection, interceptors: { activity: [() => ({ inbound: mortal })] } };
}
