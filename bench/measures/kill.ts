/** SIGKILL in the fifth of ten steps: what is done twice, and how long until the next step. */
import { join } from 'node:path';
import { until } from '../../local/tools/until.ts';
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
  /** From the moment the new worker polls until the killed step runs again. */
  readonly againMs: number;
  /** From the same moment until the step after it starts, less the time that the killed step itself takes. */
  readonly nextMs: number;
}

export async function measureKill(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const killed: Killed[] = [];
  for (let round = 0; round < counts.kills; round += 1) killed.push(await killOnce(rig, round));
  const again = killed.map((one) => one.againMs / 1000);
  const next = killed.map((one) => one.nextMs / 1000);
  return [
    {
      measurement: 'kill',
      figure: 'finished steps repeated after SIGKILL in the fifth of ten',
      value: sum(killed.map((one) => one.repeatedFinishedSteps)),
      unit: 'steps',
      target: { atMost: 0 },
      from: { kills: counts.kills, killedIn: KILLED_IN },
    },
    {
      measurement: 'kill',
      figure: 'worker back → the killed step runs again, worst',
      value: percentile(again, 1),
      unit: 's',
      target: { atMost: 5 },
      from: { kills: counts.kills, median: percentile(again, 0.5) },
    },
    {
      measurement: 'kill',
      figure: 'worker back → the next step starts (the killed step’s own second not counted), worst',
      value: percentile(next, 1),
      unit: 's',
      target: { atMost: 5 },
      from: { kills: counts.kills, median: percentile(next, 0.5) },
    },
  ];
}

async function killOnce(rig: Rig, round: number): Promise<Killed> {
  const setting: WorkerSetting = {
    side: 'engine',
    path: PATH,
    approvals: [],
    locks: ['staging'],
    services: round + 1,
    slow: TEN_STEPS,
    slowMs: STEP_MS,
    heartbeatMs: 10_000,
    stateFolder: join(rig.folder, `kill-${round}`),
  };
  const first = await rig.startWorker(setting);
  await begin(rig.engine, await contentOf(PATH, round));
  const promotion = promotionId(serviceName(round), VERSION, 'staging');
  await untilRunning(rig, promotion, KILLED_IN);
  const finishedBefore = (await activitiesOf(rig.client, promotion)).filter((run) => run.completedMs !== undefined);
  await first.kill();
  const second = await rig.startWorker(setting);
  const backMs = performance.timeOrigin + performance.now();
  try {
    await rig.client.workflow.getHandle(releaseId(serviceName(round), VERSION)).result();
    const runs = await activitiesOf(rig.client, promotion);
    const at = runs.findIndex((run) => run.name === KILLED_IN);
    return {
      repeatedFinishedSteps: repeated(finishedBefore, runs),
      againMs: (runs[at]?.startedMs ?? Infinity) - backMs,
      nextMs: (runs[at + 1]?.startedMs ?? Infinity) - backMs - STEP_MS,
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
