/**
 * A worker that dies with SIGKILL, once at each boundary: before and after each activity, and in the middle of each workflow task in
 * which a message arrives or is sent. What its activities do happens in another process, which lives on as a registry and a cluster do.
 *   node desk-worker.ts engine|zone
 * `DESK_DEATHS` names the file in which it remembers its deaths; without it the worker lives.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  type ActivityInboundCallsInterceptor,
  DefaultLogger,
  type InjectedSinks,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { appointGuardian } from '../../../activities/appoint.ts';
import { deskActivities } from '../../../activities/desks.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../../src/contract/task-queues.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import type { MortalSinks } from './desk-interceptors.ts';

const [role = ''] = process.argv.slice(2);
const { DESK_DEATHS: deaths = '', DESK_TEMPORAL = '', DESK_WORLD = '', DESK_BUNDLE = '' } = process.env;

function dieOnce(boundary: string): void {
  if (deaths === '') return;
  const died = existsSync(deaths) ? readFileSync(deaths, 'utf8').split('\n') : [];
  if (died.includes(boundary)) return;
  appendFileSync(deaths, `${boundary}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** One death for each kind of step, of a way there and of a way back. */
function nameOf(request: unknown): string {
  const isBack = (request as { plan?: { rollback?: true } }).plan?.rollback === true;
  return `${activityInfo().activityType}${isBack ? ' of a roll-back' : ''}`;
}

const mortal: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    const name = nameOf(input.args[0]);
    dieOnce(`before ${name}`);
    const result = await next(input);
    dieOnce(`after ${name}`);
    return result;
  },
};

const sinks: InjectedSinks<MortalSinks> = {
  mortal: { reach: { fn: (_info, boundary) => dieOnce(boundary), callDuringReplay: false } },
};

async function act(name: string, request: unknown): Promise<unknown> {
  let saved: unknown = activityInfo().heartbeatDetails;
  const beat = setInterval(() => heartbeat(saved), 100);
  try {
    const { workflowExecution, attempt } = activityInfo();
    const body = JSON.stringify({ name, request, workflowExecution, attempt, saved });
    const answer = (await (await fetch(DESK_WORLD, { method: 'POST', body })).json()) as Answer;
    if ('result' in answer) return answer.result;
    // what it saved stays with the server until its next attempt
    saved = answer.saved;
    heartbeat(saved);
    throw ApplicationFailure.create(answer.failure);
  } finally {
    clearInterval(beat);
  }
}

type Answer =
  | { readonly result: unknown }
  | { readonly failure: { readonly type: string; readonly message: string }; readonly saved?: unknown };

/** Whatever it is called, it happens elsewhere; desks are told by the worker itself, as ever. */
const guardians = JSON.parse(process.env['DESK_GUARDIANS'] ?? '{}') as NonNullable<Rulebook['guardians']>;
const names = (process.env['DESK_ACTIVITIES'] ?? '').split(',');
const activities = {
  ...Object.fromEntries(names.map((name) => [name, (request: unknown) => act(name, request)])),
  ...deskActivities,
  returnLease: async (request: Parameters<typeof deskActivities.returnLease>[0]) => {
    await deskActivities.returnLease(request);
    await appointGuardian({ guardians }, request);
  },
};

Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address: DESK_TEMPORAL });
const common = { connection, activities, interceptors: { activity: [() => ({ inbound: mortal })] } };
const queues = role === 'engine' ? [ENGINE_QUEUE] : ['dev', 'staging'].map(environmentQueue);
const workers = await Promise.all(
  queues.map((taskQueue) =>
    Worker.create({
      ...common,
      taskQueue,
      ...(role === 'engine'
        ? { workflowBundle: { codePath: DESK_BUNDLE }, sinks, stickyQueueScheduleToStartTimeout: '500ms' }
        : {}),
    }),
  ),
);
await Promise.all(workers.map((worker) => worker.run()));
