/** Leases: how many an environment gives in a second, and whether the ten-thousandth costs more than the tenth. */
import {
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  environmentQuery,
} from '../../src/contract/environment-workflow.ts';
import { ENGINE_QUEUE } from '../../src/contract/task-queues.ts';
import { environmentId } from '../../src/contract/workflow-ids.ts';
import { NO_TURNS } from '../../src/domain/turns.ts';
import type { Counts, Figure } from '../figures.ts';
import { FLOOR_QUEUE, HOLDERS_QUEUE } from '../floor/shape.ts';
import type { bareDesk, Holding, leaseHolder } from '../floor/turns.ts';
import { progress } from '../progress.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { serviceName } from '../journey/setting.ts';
import { median, sum } from '../statistics.ts';
import { timed } from '../timed.ts';

/** Services at once, each with one promotion after the other: leases of one environment are given side by side. */
const SERVICES = 20;
/** Turns of each service in a block: a block is a few seconds at most, and the two sides take blocks in turns. */
const TURNS = 10;
const BLOCK = SERVICES * TURNS;
/** Blocks at both ends that are compared. */
const ENDS = 5;
const WARM_UP_TURNS = 3;
const DIGEST = `sha256:${'0'.repeat(64)}`;

export async function measureTurns(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const setting: WorkerSetting = {
    side: 'engine',
    ...{ path: ['production'], approvals: [], locks: [], services: SERVICES, slow: [], slowMs: 0, heartbeatMs: 10_000 },
  };
  const workers = [];
  for (const side of ['engine', 'floor', 'holders'] as const) workers.push(await rig.startWorker({ ...setting, side }));
  try {
    return await compare(rig, counts);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

interface Block {
  readonly ms: number;
  /** From asking until it was given, of every turn. */
  readonly waits: readonly number[];
}

async function compare(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const blocks = Math.max(Math.ceil(counts.grants / BLOCK), 2);
  // the processes are warm before the first block, the desks that are measured are new
  await takeTurns(rig, await openDesk(rig, 'warm-up'), 'warm-up', WARM_UP_TURNS);
  await takeTurns(rig, await openBareDesk(rig, 'bare-warm-up'), 'warm-up', WARM_UP_TURNS);
  const desk = await openDesk(rig, 'production');
  const bare = await openBareDesk(rig, 'bare');
  const engine: Block[] = [];
  const floor: Block[] = [];
  const say = progress('turns');
  const endMs = performance.now() + counts.grantsForMs;
  // a machine that is too slow for all of them gives the figures of as many as it managed, and they say how many
  for (let block = 0; block < blocks && (block < 2 || performance.now() < endMs); block += 1) {
    engine.push(await takeTurns(rig, desk, `${block}`, TURNS));
    floor.push(await takeTurns(rig, bare, `${block}`, TURNS));
    say(`${(block + 1) * BLOCK} of ${blocks * BLOCK} leases`);
  }
  const runs = { engine: await runsOf(rig, desk), floor: await runsOf(rig, bare) };
  const state = await rig.client.workflow.getHandle(environmentId(desk)).query(environmentQuery);
  if (state.turns.held.length + state.turns.queue.length > 0) throw new Error('expected every lease to be given back');
  return figuresOf(engine, floor, { runs, stateBytes: JSON.stringify(state).length });
}

interface Desks {
  readonly runs: { readonly engine: number; readonly floor: number };
  readonly stateBytes: number;
}

function figuresOf(engine: readonly Block[], floor: readonly Block[], { runs, stateBytes }: Desks): readonly Figure[] {
  const leases = engine.length * BLOCK;
  const perSecond = (blocks: readonly Block[]) => leases / (sum(blocks.map((one) => one.ms)) / 1000);
  const ends = Math.min(ENDS, Math.floor(engine.length / 2));
  const cost = (blocks: readonly Block[]) => ({
    first: median(blocks.slice(0, ends).map((one) => one.ms)) / BLOCK,
    last: median(blocks.slice(-ends).map((one) => one.ms)) / BLOCK,
  });
  const [own, bare] = [cost(engine), cost(floor)];
  const waited = (blocks: readonly Block[]) => median(blocks.flatMap((one) => one.waits));
  const from = { leases, atOnce: SERVICES, runsOfTheDesk: runs.engine, runsOfTheBareDesk: runs.floor };
  return [
    {
      measurement: 'turns',
      figure: `leases a second, of one environment and ${SERVICES} services at once`,
      value: perSecond(engine),
      unit: '/s',
      from: {
        ...from,
        floorPerSecond: perSecond(floor),
        waitMedianMs: waited(engine),
        floorWaitMedianMs: waited(floor),
      },
    },
    {
      measurement: 'turns',
      figure: 'the same ÷ a bare pair of workflows that ask and answer as often',
      value: perSecond(engine) / perSecond(floor),
      unit: '×',
      from: { enginePerSecond: perSecond(engine), floorPerSecond: perSecond(floor) },
    },
    {
      measurement: 'turns',
      figure: `cost of the last of ${leases} leases ÷ of the first, what the machine became slower for the bare pair taken off`,
      value: own.last / own.first / (bare.last / bare.first),
      unit: '×',
      target: { atMost: 1.05 },
      from: {
        firstMs: own.first,
        lastMs: own.last,
        floorFirstMs: bare.first,
        floorLastMs: bare.last,
        leasesAtEachEnd: ends * BLOCK,
        runsOfTheDesk: runs.engine,
        stateBytes,
      },
    },
  ];
}

async function takeTurns(rig: Rig, environment: string, block: string, turns: number): Promise<Block> {
  const hold = (index: number) => {
    const holding: Holding = { environment, service: serviceName(index), digest: DIGEST, turns };
    return rig.client.workflow.execute<typeof leaseHolder>('leaseHolder', {
      workflowId: `holder/${environment}/${block}/${index}`,
      taskQueue: HOLDERS_QUEUE,
      args: [holding],
    });
  };
  const waits: number[] = [];
  const ms = await timed(async () => {
    const all = await Promise.all(Array.from({ length: SERVICES }, (_, index) => hold(index)));
    waits.push(...all.flat());
  });
  return { ms, waits };
}

/** With a state, though an empty one: it is measured how it gives leases, and there is no environment that remembers anything. */
async function openDesk(rig: Rig, environment: string): Promise<string> {
  const state = { format: 1, turns: { ...NO_TURNS, fence: Date.now() }, restraints: [], running: {} } as const;
  await rig.client.workflow.start<(input: EnvironmentInput) => Promise<void>>(ENVIRONMENT_WORKFLOW, {
    workflowId: environmentId(environment),
    taskQueue: ENGINE_QUEUE,
    args: [{ environment, state }],
  });
  return environment;
}

async function openBareDesk(rig: Rig, environment: string): Promise<string> {
  const workflowId = environmentId(environment);
  await rig.client.workflow.start<typeof bareDesk>('bareDesk', { workflowId, taskQueue: FLOOR_QUEUE, args: [] });
  return environment;
}

/** How often the desk has begun anew, and once more: its history stays short for as long as it lives. */
async function runsOf(rig: Rig, environment: string): Promise<number> {
  const { count } = await rig.client.workflow.count(`WorkflowId = '${environmentId(environment)}'`);
  return count;
}
