/** A thousand releases under way are stopped and thawed by one word: until all have taken it in, against one signal to each bare workflow. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../local/tools/until.ts';
import { lift, restrain } from '../../src/client/environments.ts';
import { restraintsSignal } from '../../src/contract/environment-workflow.ts';
import { PROMOTION } from '../../src/contract/promotion-workflow.ts';
import { WAITING_FOR } from '../../src/contract/search-attributes.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { FLOOR_QUEUE, floorQueue } from '../floor/shape.ts';
import { stopFloor, type StoppableLeg } from '../floor/stops.ts';
import { contentOf } from '../journey/content.ts';
import { activitiesOf, begin, complete } from '../journey/releases.ts';
import { serviceName, VERSION } from '../journey/setting.ts';
import { signalsOf } from '../journey/signals.ts';
import { progress } from '../progress.ts';
import type { Rig, WorkerSetting } from '../rig.ts';

const PATH = ['production'];
const [ENVIRONMENT = ''] = PATH;
const HOUR = 60 * 60_000;
const LONGEST_MS = 10 * 60_000;
/** All are in the first of them when the stop comes; before the second is the next safe point, where they stand still. */
const HELD_IN = 'rollOut';
const NEXT = 'checkHealth';

export async function measureStops(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const count = counts.stopped;
  const settingOf = (side: 'engine' | 'floor'): WorkerSetting => ({
    ...{ side, path: PATH, approvals: [], locks: [], services: count + 1, slow: [], slowMs: 0 },
    // a step that is held back is silent for minutes
    heartbeatMs: HOUR,
    held: { steps: [HELD_IN, NEXT], untilGone: heldFile(rig, side) },
  });
  const workers = [];
  for (const side of ['engine', 'floor'] as const) workers.push(await rig.startWorker(settingOf(side)));
  try {
    const leg = await legOf(rig, count);
    const floor = await stopAndThaw(rig, floorSide(rig, count, leg), leg);
    const engine = await stopAndThaw(rig, engineSide(rig, count), leg);
    return [figureOf('stopped', 'stopMs', engine, floor, leg), figureOf('thawed', 'thawMs', engine, floor, leg)];
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

interface Side {
  readonly name: 'engine' | 'floor';
  readonly workflowType: string;
  readonly ids: readonly string[];
  readonly signal: string;
  begin(index: number): Promise<unknown>;
  stop(): Promise<unknown>;
  thaw(): Promise<unknown>;
}

function engineSide(rig: Rig, count: number): Side {
  const { engine } = rig;
  return {
    name: 'engine',
    workflowType: PROMOTION,
    ids: Array.from({ length: count }, (_, index) => promotionId(serviceName(index), VERSION, ENVIRONMENT)),
    signal: restraintsSignal.name,
    begin: async (index) => begin(engine, await contentOf(PATH, index)),
    stop: () => restrain(engine, 'stop', { environment: ENVIRONMENT, reason: 'errors everywhere', forMs: HOUR }),
    thaw: () => lift(engine, 'stop', { environment: ENVIRONMENT }),
  };
}

function floorSide({ client }: Rig, count: number, leg: Leg): Side {
  const ids = Array.from({ length: count }, (_, index) => `floor-stoppable/${index}`);
  const tellAll = (stopped: boolean) =>
    Promise.all(ids.map((id) => client.workflow.getHandle(id).signal(stopFloor, stopped)));
  return {
    name: 'floor',
    workflowType: 'floorStoppable',
    ids,
    signal: stopFloor.name,
    begin: (index) =>
      client.workflow.start('floorStoppable', {
        workflowId: ids[index] ?? '',
        taskQueue: FLOOR_QUEUE,
        args: [leg satisfies StoppableLeg],
      }),
    stop: () => tellAll(true),
    thaw: () => tellAll(false),
  };
}

interface Reaction {
  readonly stopMs: number;
  readonly thawMs: number;
  readonly count: number;
}

/** Times are read from the histories, when all is over: neither side is slowed down by being watched. */
async function stopAndThaw(rig: Rig, side: Side, { heldAt }: Leg): Promise<Reaction> {
  const { ids, name } = side;
  const say = progress('stops');
  const file = heldFile(rig, name);
  writeFileSync(file, '');
  await Promise.all(ids.map((_, index) => side.begin(index)));
  for (const [at, id] of ids.entries()) {
    await until(async () => (await activitiesOf(rig.client, id)).length > heldAt, waitFor(`${id} is under way`));
    say(`${name}: ${at + 1} of ${ids.length} under way`);
  }
  const stopMs = await reaction(rig, side, 1, () => side.stop());
  rmSync(file);
  const stoodStill = `WorkflowType = '${side.workflowType}' AND ${WAITING_FOR.name} = 'stop'`;
  await until(
    async () => {
      const { count } = await rig.client.workflow.count(stoodStill);
      say(`${name}: ${count} of ${ids.length} stand still`);
      return count === ids.length;
    },
    waitFor(`every ${side.workflowType} stands still`),
  );
  writeFileSync(file, '');
  const thawMs = await reaction(rig, side, 2, () => side.thaw());
  rmSync(file);
  await untilEnded(rig, side, say);
  return { stopMs, thawMs, count: ids.length };
}

/** From the client's one word until the last has decided what to do about it: the end of the workflow task behind its signal. */
async function reaction(rig: Rig, { ids, signal, name }: Side, nth: number, word: () => Promise<unknown>) {
  const sentMs = performance.timeOrigin + performance.now();
  await word();
  let last = 0;
  for (const id of ids.toReversed()) {
    const takenInMs = await until(
      async () => (await signalsOf(rig.client, id)).received.filter((one) => one.name === signal)[nth - 1]?.takenInMs,
      waitFor(`${id} (${name}) takes ${signal} in`),
    );
    if (takenInMs < sentMs) throw new Error(`${id} has taken in ${signal} before it was sent: this is another one`);
    last = Math.max(last, takenInMs);
  }
  return last - sentMs;
}

/** What one side still does would slow the other one down. */
async function untilEnded(rig: Rig, { workflowType, name }: Side, say: (line: string) => void): Promise<void> {
  const running = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'`;
  await until(
    async () => {
      const { count } = await rig.client.workflow.count(running);
      say(`${name}: ${count} go on to their end`);
      return count === 0;
    },
    waitFor(`every ${workflowType} ends`),
  );
}

interface Leg extends StoppableLeg {
  /** Place of the activity in which the stop finds them. */
  readonly heldAt: number;
}

/** As many activities as a promotion that was not stopped, in the same places around the safe point. */
async function legOf(rig: Rig, index: number): Promise<Leg> {
  const id = promotionId(serviceName(index), VERSION, ENVIRONMENT);
  await complete(rig.engine, await contentOf(PATH, index));
  const steps = (await activitiesOf(rig.client, id)).map((run) => run.name);
  const [heldAt, before] = [steps.indexOf(HELD_IN), steps.indexOf(NEXT)];
  if (heldAt < 0 || before < heldAt) throw new Error(`expected ${HELD_IN}, then ${NEXT}, got ${steps.join(', ')}`);
  return { queue: floorQueue(ENVIRONMENT), steps, heldAt, before };
}

function figureOf(verb: string, which: 'stopMs' | 'thawMs', engine: Reaction, floor: Reaction, leg: Leg): Figure {
  return {
    measurement: 'stops',
    figure: `${engine.count} releases under way ${verb}, until the last has reacted ÷ one signal to each of as many bare workflows`,
    value: engine[which] / floor[which],
    unit: '×',
    target: { atMost: 1.3 },
    from: { engineMs: Math.round(engine[which]), floorMs: Math.round(floor[which]), activitiesBefore: leg.heldAt + 1 },
  };
}

function heldFile({ folder }: Rig, side: string): string {
  return join(folder, `${side}-is-held`);
}

function waitFor(what: string) {
  return { what, timeoutMs: LONGEST_MS, everyMs: 100 };
}
