/** A worker in a process of its own, so that it can be measured and killed: `node bench/worker.ts '<Setting as JSON>'`. */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { deskActivities } from '../activities/desks.ts';
import { createEngineActivities, createEnvironmentActivities } from '../activities/index.ts';
import { createMemoryNotifier } from '../src/adapters/notifier/memory.ts';
import { CACHED_WORKFLOWS, SLOTS } from '../src/worker/main.ts';
import { takeOver } from '../src/worker/take-over.ts';
import { identityOf } from '../src/worker/worker-name.ts';
import { environmentQueue, ENGINE_QUEUE } from '../src/contract/task-queues.ts';
import { createFloorActivities } from './floor/activities.ts';
import { FLOOR_QUEUE, floorQueue, HOLDERS_QUEUE } from './floor/shape.ts';
import { rulebookOf } from './journey/rulebook.ts';
import { heldBack } from './journey/held.ts';
import type { Setting } from './journey/setting.ts';
import { slowed } from './journey/slowed.ts';
import { createZones } from './journey/zones.ts';

type Room = Pick<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'activities'>;

/** As `src/worker/main.ts` has it, for both sides. */
const limits = ({ cachedWorkflows = CACHED_WORKFLOWS }: Setting) =>
  ({
    maxCachedWorkflows: cachedWorkflows,
    tuner: SLOTS,
    stickyQueueScheduleToStartTimeout: '2 seconds',
  }) as const;

async function roomsOf(setting: Setting): Promise<readonly Room[]> {
  return setting.side === 'engine' ? engineRooms(setting) : floorRooms(setting);
}

async function engineRooms(setting: Setting): Promise<readonly Room[]> {
  const zones = await createZones(setting);
  return [
    {
      taskQueue: ENGINE_QUEUE,
      workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
      activities: createEngineActivities(rulebookOf(setting), createMemoryNotifier([]).notifier),
    },
    ...zones.map((zone) => ({
      taskQueue: environmentQueue(zone.environment),
      activities: heldBack(slowed(createEnvironmentActivities(zone), setting.slow, setting.slowMs), setting.held),
    })),
  ];
}

function floorRooms(setting: Setting): readonly Room[] {
  const activities = createFloorActivities(setting);
  const workflowsPath = fileURLToPath(new URL('./floor/workflows.ts', import.meta.url));
  if (setting.side === 'holders')
    return [{ taskQueue: HOLDERS_QUEUE, workflowsPath, activities: { ...activities, ...deskActivities } }];
  return [
    { taskQueue: FLOOR_QUEUE, workflowsPath, activities },
    ...setting.path.map((environment) => ({ taskQueue: floorQueue(environment), activities })),
  ];
}

const setting = JSON.parse(process.argv[2] ?? '') as Setting;
Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address: setting.address });
const { namespace, name } = setting;
const identity = identityOf(name, new Date());
const [workers] = await Promise.all([
  Promise.all(
    (await roomsOf(setting)).map((room) =>
      Worker.create({ connection, namespace, identity, ...limits(setting), ...room }),
    ),
  ),
  name === undefined ? undefined : takeOver({ connection, namespace, identity, engine: true }),
]);
process.once('SIGTERM', () => workers.forEach((worker) => worker.shutdown()));
await Promise.all(workers.map((worker) => worker.run()));
await connection.close();
