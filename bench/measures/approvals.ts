/** People's answers: how soon the next step starts, what a thousand waiting releases cost, and all of them answered at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../../local/tools/program.ts';
import { until } from '../../local/tools/until.ts';
import { approveUpdate, statusQuery } from '../../src/contract/promotion-workflow.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { FLOOR_QUEUE, floorQueue } from '../floor/shape.ts';
import { approveFloor, type AskingLeg } from '../floor/workflows.ts';
import { contentOf } from '../journey/content.ts';
import { activitiesOf, begin } from '../journey/releases.ts';
import { serviceName, VERSION } from '../journey/setting.ts';
import { canMeasure, coresBetween, type Usage, usageOf } from '../process-usage.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { percentile } from '../statistics.ts';

const PATH = ['dev', 'production'];
const WAITING_IN = 'production';
const WARM_UP = 5;
const APPROVER = 'ada';
const MB = 1024 * 1024;
const SETTLE_MS = 5_000;
/** A thousand releases that start at once keep two cores busy for minutes. */
const LONGEST_MS = 10 * 60_000;

export async function measureApprovals(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const setting: WorkerSetting = {
    side: 'engine',
    path: PATH,
    approvals: [WAITING_IN],
    locks: [],
    services: WARM_UP + counts.approvals + counts.waiting,
    slow: [],
    slowMs: 0,
    heartbeatMs: 10_000,
  };
  const engine = await rig.startWorker(setting);
  const floor = await rig.startWorker({ ...setting, side: 'floor' });
  try {
    const latency = await measureLatency(rig, counts);
    const waiting = await measureWaiting(rig, counts, engine);
    const together = await approveTogether(rig, counts);
    const gone = waiting === undefined ? [] : await measureGone(rig, counts, engine, waiting.full);
    return [...latency, ...(waiting?.figures ?? []), ...gone, ...together];
  } finally {
    await Promise.all([engine.stop(), floor.stop()]);
  }
}

/** One after the other, from the call of the client to the start of the first activity behind the question. */
async function measureLatency(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const again: number[] = [];
  const imported: number[] = [];
  for (let index = 0; index < WARM_UP + counts.approvals; index += 1) {
    await begin(rig.engine, await contentOf(PATH, index));
    const planDigest = await untilAsked(rig, index);
    const sentMs = performance.timeOrigin + performance.now();
    await approve(rig, index, planDigest);
    const moved = await untilNextStep(rig, index);
    if (index < WARM_UP) continue;
    again.push(moved.planStartedMs - sentMs);
    imported.push(moved.importStartedMs - sentMs);
  }
  const figure = (what: string, samples: readonly number[], share: number, atMost: number): Figure => ({
    measurement: 'approvals',
    figure: `approval sent → ${what}, p${share * 100}`,
    value: percentile(samples, share),
    unit: 'ms',
    target: { atMost },
    from: { samples: samples.length },
  });
  const next = 'next step started (approval verified, the plan is made again)';
  const first = 'first change started (import, after the plan was found unchanged)';
  return [
    figure(next, again, 0.5, 50),
    figure(next, again, 0.99, 100),
    figure(first, imported, 0.5, 50),
    figure(first, imported, 0.99, 100),
  ];
}

interface Waited {
  readonly figures: readonly Figure[];
  readonly full: Burden;
}

async function measureWaiting(rig: Rig, counts: Counts, worker: Program): Promise<Waited | undefined> {
  if (!canMeasure) return undefined;
  const idle = await usageOver(rig, worker, counts.idleMs);
  const indices = waitingOnes(counts);
  await Promise.all(indices.map(async (index) => begin(rig.engine, await contentOf(PATH, index))));
  for (const index of indices) await untilAsked(rig, index);
  const full = await usageOver(rig, worker, counts.idleMs);
  const what = `${counts.waiting} releases waiting`;
  const figures = [
    cores(`${what}: worker above idle`, full.worker - idle.worker, 0.01, { idle: idle.worker, waiting: full.worker }),
    cores(`${what}: server above idle`, full.server - idle.server, undefined, {
      idle: idle.server,
      waiting: full.server,
    }),
    memory(`${what}: worker's memory above a worker that has just started`, full, idle, 50),
  ];
  return { figures, full };
}

/** What is left when they are gone is the price of having started a thousand at once, not of their waiting. */
async function measureGone(rig: Rig, counts: Counts, worker: Program, full: Burden): Promise<readonly Figure[]> {
  const gone = await usageOver(rig, worker, counts.idleMs);
  return [
    memory(`${counts.waiting} releases waiting: worker's memory above the same worker when they are gone`, full, gone),
  ];
}

/** All waiting releases are answered at the same moment; the last one to have started its next step ends the clock. */
async function approveTogether(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const indices = waitingOnes(counts);
  const digests = new Map<number, string>();
  for (const index of indices) digests.set(index, await untilAsked(rig, index));
  const leg = await floorLeg(rig);
  const floorId = (index: number) => `floor-approval/${index}`;
  const start = (index: number) =>
    rig.client.workflow.start('floorAsking', {
      workflowId: `floor-asking/${index}`,
      taskQueue: FLOOR_QUEUE,
      args: [{ id: floorId(index), leg }],
    });
  await Promise.all(indices.map(start));
  for (const index of indices) await untilActivities(rig, floorId(index), leg.before);

  const engineMs = await lastMoved(rig, indices, {
    answer: (index) => approve(rig, index, digests.get(index) ?? ''),
    workflowId: promotionOf,
    next: 'importImage',
  });
  const floorMs = await lastMoved(rig, indices, {
    answer: (index) => rig.client.workflow.getHandle(floorId(index)).executeUpdate(approveFloor, { args: [APPROVER] }),
    workflowId: floorId,
    next: leg.before + NEXT_ON_THE_FLOOR,
  });
  return [
    {
      measurement: 'approvals',
      figure: `${counts.waiting} approvals at once, until the last has moved ÷ the same updates on bare workflows`,
      value: engineMs / floorMs,
      unit: '×',
      target: { atMost: 1.3 },
      from: { engineMs: Math.round(engineMs), floorMs: Math.round(floorMs), activitiesEach: leg.steps.length + 1 },
    },
  ];
}

/** Behind the question: the check of the answer, the plan made again, then the import. */
const NEXT_ON_THE_FLOOR = 2;

/** As many activities as a promotion that was approved and has ended, in the same places around the question. */
async function floorLeg(rig: Rig): Promise<AskingLeg> {
  const id = promotionOf(0);
  await rig.client.workflow.getHandle(id).result();
  const names = (await activitiesOf(rig.client, id)).map((run) => run.name);
  const question = names.indexOf('checkApproval');
  if (question < 0) throw new Error(`expected ${id} to have been approved`);
  return { queue: floorQueue(WAITING_IN), steps: names.filter((_, at) => at !== question), before: question };
}

function waitingOnes(counts: Counts): readonly number[] {
  return Array.from({ length: counts.waiting }, (_, at) => WARM_UP + counts.approvals + at);
}

interface Side {
  readonly answer: (index: number) => Promise<unknown>;
  readonly workflowId: (index: number) => string;
  /** The activity behind the question: its name, or its place. */
  readonly next: string | number;
}

/** Both sides go on to their end before anybody reads their histories, so that neither is slowed down by being watched. */
async function lastMoved(rig: Rig, indices: readonly number[], { answer, workflowId, next }: Side): Promise<number> {
  const sentMs = performance.timeOrigin + performance.now();
  await Promise.all(indices.map(answer));
  let last = 0;
  for (const index of indices) await rig.client.workflow.getHandle(workflowId(index)).result();
  for (const index of indices) {
    const runs = await activitiesOf(rig.client, workflowId(index));
    const moved = typeof next === 'number' ? runs[next] : runs.find((run) => run.name === next);
    last = Math.max(last, moved?.startedMs ?? Infinity);
  }
  return last - sentMs;
}

async function approve(rig: Rig, index: number, planDigest: string): Promise<void> {
  const handle = rig.client.workflow.getHandle(promotionOf(index));
  await handle.executeUpdate(approveUpdate, { args: [{ decision: 'approve', approver: APPROVER, planDigest }] });
}

/** Resolves to the digest of the plan that it asks about. */
async function untilAsked(rig: Rig, index: number): Promise<string> {
  return until(
    async () => {
      const status = await rig.client.workflow.getHandle(promotionOf(index)).query(statusQuery);
      return status.phase === 'waiting-for-approval' ? status.planDigest : undefined;
    },
    { what: `${promotionOf(index)} asks for approval`, timeoutMs: LONGEST_MS, everyMs: 5 },
  );
}

interface Moved {
  readonly planStartedMs: number;
  readonly importStartedMs: number;
}

async function untilNextStep(rig: Rig, index: number): Promise<Moved> {
  return until(
    async () => {
      const runs = await activitiesOf(rig.client, promotionOf(index));
      const planStartedMs = runs.findLast((run) => run.name === 'planPromotion')?.startedMs;
      const importStartedMs = runs.find((run) => run.name === 'importImage')?.startedMs;
      if (planStartedMs === undefined || importStartedMs === undefined) return undefined;
      return { planStartedMs, importStartedMs };
    },
    { what: `${promotionOf(index)} goes on`, timeoutMs: LONGEST_MS, everyMs: 5 },
  );
}

async function untilActivities(rig: Rig, workflowId: string, count: number) {
  return until(
    async () => {
      const runs = await activitiesOf(rig.client, workflowId);
      return runs.filter((run) => run.completedMs !== undefined).length >= count ? runs : undefined;
    },
    { what: `${workflowId} ran ${count} activities`, timeoutMs: LONGEST_MS, everyMs: 5 },
  );
}

function promotionOf(index: number): string {
  return promotionId(serviceName(index), VERSION, WAITING_IN);
}

interface Burden {
  readonly worker: number;
  readonly server: number;
  readonly residentBytes: number;
}

/** What worker and server use while nothing happens; waits a little first, so that what just happened is over. */
async function usageOver(rig: Rig, worker: Program, forMs: number): Promise<Burden> {
  await sleep(SETTLE_MS);
  const before: readonly [Usage, Usage] = [usageOf(worker.pid), usageOf(rig.temporal.pid)];
  await sleep(forMs);
  const after: readonly [Usage, Usage] = [usageOf(worker.pid), usageOf(rig.temporal.pid)];
  return {
    worker: coresBetween(before[0], after[0]),
    server: coresBetween(before[1], after[1]),
    residentBytes: after[0].residentBytes,
  };
}

function memory(figure: string, more: Burden, less: Burden, atMost?: number): Figure {
  const inMB = (burden: Burden) => Math.round(burden.residentBytes / MB);
  return {
    measurement: 'approvals',
    figure,
    value: (more.residentBytes - less.residentBytes) / MB,
    unit: 'MB',
    ...(atMost === undefined ? {} : { target: { atMost } }),
    from: { lessMB: inMB(less), moreMB: inMB(more) },
  };
}

function cores(
  figure: string,
  value: number,
  atMost: number | undefined,
  from: { readonly idle: number; readonly waiting: number },
): Figure {
  return {
    measurement: 'approvals',
    figure,
    value,
    unit: 'cores',
    ...(atMost === undefined ? {} : { target: { atMost } }),
    from: { idleCores: round(from.idle), waitingCores: round(from.waiting) },
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
