/** A release through three environments on instant adapters, against bare workflows of the same shape on the same server. */
import type { Figure, Counts } from '../figures.ts';
import { FLOOR_QUEUE, floorQueue, type FloorShape } from '../floor/shape.ts';
import { contentOf } from '../journey/content.ts';
import { activitiesOf, complete, promotionsOf } from '../journey/releases.ts';
import { serviceName, VERSION } from '../journey/setting.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { timed } from '../timed.ts';
import { median, sum } from '../statistics.ts';
import { releaseId } from '../../src/contract/workflow-ids.ts';
import { ENGINE_QUEUE } from '../../src/contract/task-queues.ts';

const PATH = ['dev', 'staging', 'production'];
const WARM_UP = 3;

export async function measureJourney(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const services = WARM_UP + counts.singles + counts.rounds * counts.saturated;
  const setting: WorkerSetting = {
    side: 'engine',
    path: PATH,
    approvals: [],
    locks: ['production'],
    services,
    slow: [],
    slowMs: 0,
    heartbeatMs: 10_000,
  };
  const workers = [await rig.startWorker(setting), await rig.startWorker({ ...setting, side: 'floor' })];
  try {
    return await compare(rig, counts);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

async function compare(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const next = counter();
  const engine = async (index: number) => complete(rig.engine, await contentOf(PATH, index));
  for (let one = 0; one < WARM_UP; one += 1) await engine(next());
  const shape = await shapeOf(rig, 0);
  const floor = async (index: number) => {
    const id = `floor/${index}`;
    await rig.client.workflow.execute('floorRelease', {
      workflowId: id,
      taskQueue: FLOOR_QUEUE,
      args: [{ ...shape, id }],
    });
  };
  for (let one = 0; one < WARM_UP; one += 1) await floor(one);

  const singles = { engine: [] as number[], floor: [] as number[] };
  for (let one = 0; one < counts.singles; one += 1) {
    const index = next();
    singles.engine.push(await timed(() => engine(index)));
    singles.floor.push(await timed(() => floor(index)));
  }
  const saturated = { engine: [] as number[], floor: [] as number[] };
  for (let round = 0; round < counts.rounds; round += 1) {
    const indices = Array.from({ length: counts.saturated }, next);
    saturated.engine.push(await timed(() => Promise.all(indices.map(engine))));
    saturated.floor.push(await timed(() => Promise.all(indices.map(floor))));
  }
  const activities = shape.own.length + sum(shape.legs.map((leg) => leg.steps.length));
  const perMinute = (ms: number) => Math.round((counts.saturated / ms) * 60_000);
  return [
    {
      measurement: 'journey',
      figure: 'one journey at a time ÷ bare workflows with as many activities, median',
      value: median(singles.engine) / median(singles.floor),
      unit: '×',
      target: { atMost: 1.3 },
      from: {
        engineMedianMs: median(singles.engine),
        floorMedianMs: median(singles.floor),
        samples: counts.singles,
        activities,
      },
    },
    {
      measurement: 'journey',
      figure: 'journeys per minute, saturated ÷ bare workflows',
      value: median(saturated.floor) / median(saturated.engine),
      unit: '×',
      target: { atLeast: 0.7 },
      from: {
        enginePerMinute: perMinute(median(saturated.engine)),
        floorPerMinute: perMinute(median(saturated.floor)),
        atOnce: counts.saturated,
        rounds: counts.rounds,
      },
    },
  ];
}

/** As many activities on as many queues in as many children as the journey of that service really had. */
async function shapeOf(rig: Rig, index: number): Promise<FloorShape> {
  const own = await activitiesOf(rig.client, releaseId(serviceName(index), VERSION));
  const legs = await Promise.all(
    promotionsOf(index, PATH).map(async (id, at) => {
      const steps = (await activitiesOf(rig.client, id)).map((one) => one.name);
      return { queue: floorQueue(PATH[at] ?? ''), steps };
    }),
  );
  const bare = (queue: string) => (queue === ENGINE_QUEUE ? FLOOR_QUEUE : queue.replace(ENGINE_QUEUE, FLOOR_QUEUE));
  return { id: '', own: own.map((one) => bare(one.queue)), legs };
}

function counter(): () => number {
  let count = 0;
  return () => count++;
}
