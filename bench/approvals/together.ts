/** All waiting releases are answered at the same moment; the last one to have started its next step ends the clock. */
import { until } from '../../local/tools/until.ts';
import type { Program } from '../../local/tools/program.ts';
import type { Counts, Figure } from '../figures.ts';
import { FLOOR_QUEUE, floorQueue } from '../floor/shape.ts';
import { approveFloor, type AskingLeg } from '../floor/workflows.ts';
import { activitiesOf } from '../journey/releases.ts';
import { type Load, loadDuring, loadOf } from '../load.ts';
import type { Rig } from '../rig.ts';
import { APPROVER, approve, promotionOf, untilAsked, WAITING_IN } from './question.ts';
import { waitingOnes } from './waiting.ts';

const LONGEST_MS = 10 * 60_000;
const FIRST_CHANGE = 'importImage';

export async function approveTogether(rig: Rig, counts: Counts, workers: Workers): Promise<readonly Figure[]> {
  const indices = waitingOnes(counts);
  const digests = new Map<number, string>();
  for (const index of indices) digests.set(index, await untilAsked(rig, promotionOf(index)));
  const { leg, first } = await floorLeg(rig);
  const floorId = (index: number) => `floor-approval/${index}`;
  const start = (index: number) =>
    rig.client.workflow.start('floorAsking', {
      workflowId: `floor-asking/${index}`,
      taskQueue: FLOOR_QUEUE,
      args: [{ id: floorId(index), leg }],
    });
  await Promise.all(indices.map(start));
  for (const index of indices) await untilActivities(rig, floorId(index), leg.before);

  const engine = await lastMoved(rig, indices, {
    worker: workers.engine,
    answer: (index) => approve(rig, promotionOf(index), digests.get(index) ?? ''),
    workflowId: promotionOf,
    first,
  });
  const floor = await lastMoved(rig, indices, {
    worker: workers.floor,
    answer: (index) => rig.client.workflow.getHandle(floorId(index)).executeUpdate(approveFloor, { args: [APPROVER] }),
    workflowId: floorId,
    first,
  });
  return [
    {
      measurement: 'approvals',
      figure: `${counts.waiting} approvals at once, until the last has moved ÷ the same updates on bare workflows`,
      value: engine.ms / floor.ms,
      unit: '×',
      target: { atMost: 1.3 },
      from: {
        engineMs: Math.round(engine.ms),
        floorMs: Math.round(floor.ms),
        activitiesEach: leg.steps.length + 1,
        ...loadOf('engine', [engine.load]),
        ...loadOf('floor', [floor.load]),
      },
    },
  ];
}

/** Of the processes that run each side. */
export interface Workers {
  readonly engine: Program;
  readonly floor: Program;
}

interface FloorOfApproval {
  readonly leg: AskingLeg;
  /** Place among the activities of the one that is the first change: the same on both sides. */
  readonly first: number;
}

/** As many activities as a promotion that was approved and has ended, in the same places around the question. */
async function floorLeg(rig: Rig): Promise<FloorOfApproval> {
  const id = promotionOf(0);
  await rig.client.workflow.getHandle(id).result();
  const names = (await activitiesOf(rig.client, id)).map((run) => run.name);
  const question = names.indexOf('checkApproval');
  const first = names.indexOf(FIRST_CHANGE);
  if (question < 0 || first < question) throw new Error(`expected ${id} to have been approved, and to import then`);
  const steps = names.filter((_, at) => at !== question);
  return { leg: { queue: floorQueue(WAITING_IN), steps, before: question }, first };
}

interface Side {
  readonly worker: Program;
  readonly answer: (index: number) => Promise<unknown>;
  readonly workflowId: (index: number) => string;
  readonly first: number;
}

/** Both sides go on to their end before anybody reads their histories, so that neither is slowed down by being watched. */
async function lastMoved(
  rig: Rig,
  indices: readonly number[],
  { worker, answer, workflowId, first }: Side,
): Promise<{ readonly ms: number; readonly load: Load }> {
  const sentMs = performance.timeOrigin + performance.now();
  const load = await loadDuring(rig, worker, async () => {
    await Promise.all(indices.map(answer));
    for (const index of indices) await rig.client.workflow.getHandle(workflowId(index)).result();
  });
  let last = 0;
  for (const index of indices) {
    const moved = (await activitiesOf(rig.client, workflowId(index)))[first]?.startedMs;
    if (moved === undefined || moved < sentMs) throw new Error(`${workflowId(index)} did not move behind its answer`);
    last = Math.max(last, moved);
  }
  return { ms: last - sentMs, load };
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
