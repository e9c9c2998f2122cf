/** SIGKILL in the fifth of ten steps: what is done twice, and how long until the next step. */
import { join } from 'node:path';
import { until } from '../../local/tools/until.ts';
import { ENGINE } from '../../src/config/defaults.ts';
import { parseDuration } from '../../src/config/duration.ts';
import { promotionId, releaseId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { type ActivityRun, activitiesOf, begin } from '../journey/releases.ts';
import { serviceName, TEN_STEPS, VERSION } from '../journey/setting.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { percentile, sum } from '../statistics.ts';

const PATH = ['dev', 'staging'];
const KILLED_IN = TEN_STEPS[4];
const STEP_MS = 1_000;

interface Killed {
  readonly repeatedFinishedSteps: number;
  /** From the start of the new worker's process until the killed step runs again. */
  readonly againMs: number;
  /** From the same moment until the step after it starts, less the time that the killed step itself takes. */
  readonly nextMs: number;
  /** Until the new worker polls: part of both. */
  readonly startMs: number;
}

/** The default heartbeat, by which the successor of a worker without a name must wait; one with a name takes over. */
const { heartbeat } = ENGINE;
const NAMES = [undefined, 'worker-0'];

export async function measureKill(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const name of NAMES) figures.push(...(await measureWith(rig, counts, name)));
  return figures;
}

async function measureWith(rig: Rig, counts: Counts, name: string | undefined): Promise<readonly Figure[]> {
  const which = name === undefined ? `no name, heartbeat ${heartbeat}` : `--name ${name}`;
  const killed: Killed[] = [];
  for (let round = 0; round < counts.kills; round += 1) killed.push(await killOnce(rig, name));
  const from = {
    kills: counts.kills,
    killedIn: KILLED_IN,
    workerStartMedianS:
      percentile(
        killed.map((one) => one.startMs),
        0.5,
      ) / 1000,
  };
  const worst = (figure: string, pick: (one: Killed) => number): Figure => ({
    measurement: 'kill',
    figure: `${which}: ${figure}, worst`,
    value: percentile(killed.map(pick), 1) / 1000,
    unit: 's',
    target: { atMost: 5 },
    from,
  });
  return [
    {
      measurement: 'kill',
      figure: `${which}: finished steps repeated after SIGKILL in the fifth of ten`,
      value: sum(killed.map((one) => one.repeatedFinishedSteps)),
      unit: 'steps',
      target: { atMost: 0 },
      from,
    },
    worst('worker restarted → the killed step runs again', (one) => one.againMs),
    worst('worker restarted → the next step starts (the killed step’s own second not counted)', (one) => one.nextMs),
  ];
}

/** Every kill has a service of its own: a version is released once. */
let services = 0;

async function killOnce(rig: Rig, name: string | undefined): Promise<Killed> {
  const round = services;
  services += 1;
  const setting: WorkerSetting = {
    side: 'engine',
    ...(name === undefined ? {} : { name }),
    path: PATH,
    approvals: [],
    locks: ['staging'],
    services: round + 1,
    slow: TEN_STEPS,
    slowMs: STEP_MS,
    heartbeatMs: parseDuration(heartbeat) ?? 0,
    stateFolder: join(rig.folder, `kill-${round}`),
  };
  const first = await rig.startWorker(setting);
  await begin(rig.engine, await contentOf(PATH, round));
  const promotion = promotionId(serviceName(round), VERSION, 'staging');
  await untilRunning(rig, promotion, KILLED_IN);
  const finishedBefore = (await activitiesOf(rig.client, promotion)).filter((run) => run.completedMs !== undefined);
  await first.kill();
  const backMs = performance.timeOrigin + performance.now();
  const second = await rig.startWorker(setting);
  const startMs = performance.timeOrigin + performance.now() - backMs;
  try {
    await rig.client.workflow.getHandle(releaseId(serviceName(round), VERSION)).result();
    const runs = await activitiesOf(rig.client, promotion);
    const at = runs.findIndex((run) => run.name === KILLED_IN);
    return {
      repeatedFinishedSteps: repeated(finishedBefore, runs),
      againMs: (runs[at]?.startedMs ?? Infinity) - backMs,
      nextMs: (runs[at + 1]?.startedMs ?? Infinity) - backMs - STEP_MS,
      startMs,
    };
  } finally {
    await second.stop();
  }
}

/** Steps that had finished before the kill and were asked for or tried once more afterwards. */
function repeated(before: readonly ActivityRun[], after: readonly ActivityRun[]): number {
  const key = (run: ActivityRun) => `${run.name} ${run.summary}`;
  return before.filter((run) => {
    const same = after.filter((one) => key(one) === key(run));
    return same.length !== 1 || same.some((one) => one.attempt > 1);
  }).length;
}

async function untilRunning(rig: Rig, workflowId: string, activity: string): Promise<void> {
  await until(
    async () => {
      const { raw } = await rig.client.workflow.getHandle(workflowId).describe();
      return raw.pendingActivities?.some((one) => one.activityType?.name === activity && Number(one.state) === STARTED);
    },
    { what: `${activity} of ${workflowId} runs`, timeoutMs: 60_000, everyMs: 10 },
  );
}

/** PENDING_ACTIVITY_STATE_STARTED (temporal/api/enums/v1/workflow.proto). */
const STARTED = 2;
