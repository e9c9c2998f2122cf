/** Many promotions at once, ten steps of 200 ms each: how many the engine brings home in a minute. */
import { availableParallelism } from 'node:os';
import type { Program } from '../../local/tools/program.ts';
import type { Counts, Figure } from '../figures.ts';
import { FLOOR_QUEUE, floorQueue, type FloorLeg } from '../floor/shape.ts';
import { contentOf } from '../journey/content.ts';
import { activitiesOf } from '../journey/releases.ts';
import { REQUESTED_BY, TEN_STEPS, VERSION, serviceName } from '../journey/setting.ts';
import { type Load, loadDuring, loadOf } from '../load.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { timed } from '../timed.ts';
import { median } from '../statistics.ts';
import { rulebookOf } from '../journey/rulebook.ts';
import { PROMOTION, type PromotionInput, type PromotionResult } from '../../src/contract/promotion-workflow.ts';
import { ENGINE_QUEUE } from '../../src/contract/task-queues.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';

const PATH = ['dev', 'staging'];
const WARM_UP = 2;
const STEP_MS = 200;
const LOCKED = 'lockImage';

export async function measurePromotions(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const setting: WorkerSetting = {
    side: 'engine',
    path: PATH,
    approvals: [],
    locks: ['staging'],
    services: WARM_UP + counts.rounds * counts.promotions,
    slow: TEN_STEPS,
    slowMs: STEP_MS,
    heartbeatMs: 10_000,
  };
  const engineWorker = await rig.startWorker(setting);
  const workers = [engineWorker];
  try {
    const run = (index: number) => promote(rig, setting, index);
    for (let one = 0; one < WARM_UP; one += 1) await run(one);
    const leg = await legOf(rig);
    workers.push(await rig.startWorker({ ...setting, side: 'floor', slow: SLOW_ON_THE_FLOOR }));
    const floor = (index: number) =>
      rig.client.workflow.execute('floorPromotion', {
        workflowId: `floor-promotion/${index}`,
        taskQueue: FLOOR_QUEUE,
        args: [leg],
      });
    for (let one = 0; one < WARM_UP; one += 1) await floor(one);
    return await compare(counts, leg, { engine: run, floor, rig, workers });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** The floor knows no `:at`: its steps are named so that the same ten of them wait. */
const SLOW_ON_THE_FLOOR = TEN_STEPS.map(String);

interface Sides {
  readonly engine: (index: number) => Promise<unknown>;
  readonly floor: (index: number) => Promise<unknown>;
  readonly rig: Rig;
  /** The engine's, then the floor's. */
  readonly workers: readonly Program[];
}

async function compare(counts: Counts, leg: FloorLeg, sides: Sides): Promise<readonly Figure[]> {
  const { engine, floor, rig, workers } = sides;
  const times = { engine: [] as number[], floor: [] as number[] };
  const load = { engine: [] as Load[], floor: [] as Load[] };
  const [engineWorker, floorWorker] = workers as [Program, Program];
  for (let round = 0; round < counts.rounds; round += 1) {
    const indices = Array.from({ length: counts.promotions }, (_, at) => WARM_UP + round * counts.promotions + at);
    const all = (side: (index: number) => Promise<unknown>) => timed(() => Promise.all(indices.map(side)));
    load.engine.push(await loadDuring(rig, engineWorker, async () => times.engine.push(await all(engine))));
    load.floor.push(await loadDuring(rig, floorWorker, async () => times.floor.push(await all(floor))));
  }
  const perMinute = (ms: number) => (counts.promotions / ms) * 60_000;
  const [engineRate, floorRate] = [perMinute(median(times.engine)), perMinute(median(times.floor))];
  const from = {
    enginePerMinute: Math.round(engineRate),
    floorPerMinute: Math.round(floorRate),
    atOnce: counts.promotions,
    rounds: counts.rounds,
    activities: leg.steps.length,
    slowActivities: leg.steps.filter((step) => SLOW_ON_THE_FLOOR.includes(step)).length,
    machineCores: availableParallelism(),
    ...loadOf('engine', load.engine),
    ...loadOf('floor', load.floor),
  };
  return [
    {
      measurement: 'promotions',
      figure: `${counts.promotions} promotions at once, ten steps of ${STEP_MS} ms: per minute`,
      value: engineRate,
      unit: '/min',
      target: { atLeast: 900 },
      from,
    },
    {
      measurement: 'promotions',
      figure: 'the same ÷ bare workflows',
      value: engineRate / floorRate,
      unit: '×',
      target: { atLeast: 0.8 },
      from,
    },
  ];
}

/** Starts the promotion itself, as a release would: staging takes what dev's registry holds. */
async function promote(rig: Rig, setting: WorkerSetting, index: number): Promise<void> {
  const { service, image, manifests } = await contentOf(PATH, index);
  const { timing } = rulebookOf({ ...setting, address: '', namespace: '' });
  const [source = '', environment = ''] = PATH;
  const input: PromotionInput = {
    service,
    version: VERSION,
    environment,
    source,
    image: { repository: service, digest: image },
    manifests,
    requestedBy: REQUESTED_BY,
    timing,
  };
  const result: PromotionResult = await rig.client.workflow.execute(PROMOTION, {
    workflowId: promotionId(service, VERSION, environment),
    taskQueue: ENGINE_QUEUE,
    args: [input],
  });
  if (result.outcome.kind !== 'released') throw new Error(`${service}: ${result.outcome.reason}`);
}

/** The steps of a promotion that has just run, in order; the second look at signatures is the slow one. */
async function legOf(rig: Rig): Promise<FloorLeg> {
  const runs = await activitiesOf(rig.client, promotionId(serviceName(0), VERSION, 'staging'));
  if (!runs.some((run) => run.name === LOCKED)) throw new Error('expected a promotion that locks its image');
  let looks = 0;
  const steps = runs.map((run) => {
    if (run.name !== 'verifySignatures') return run.name;
    looks += 1;
    return looks === 1 ? 'verifySignatures:source' : 'verifySignatures:destination';
  });
  return { queue: floorQueue('staging'), steps };
}
