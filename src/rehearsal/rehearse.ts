/**
 * A rehearsal: the real workflows and activities, on a server whose time skips, in a world that is in memory. The rules are the
 * user's own; nothing that exists is read or changed but `sluice.yaml` and the manifests.
 */
import {
  deskStart,
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  type EnvironmentState,
} from '../contract/environment-workflow.ts';
import { RELEASE, type ReleaseInput } from '../contract/release-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { NO_TURNS } from '../domain/turns.ts';
import { play, type Stage, statusOf } from './play.ts';
import type { Rehearsal, RehearsalRequest } from './rehearsal.ts';
import { settle } from './settle.ts';
import { type SkippedTime, startSkippedTime } from './skipped-time.ts';
import { timelineOf } from './timeline.ts';
import { whileWorking } from './workers.ts';
import { createWorld } from './world.ts';

export { standInDigest } from './stand-in.ts';

/** Throws what `prepare` throws, the reason of `signal`, and a RangeError for a service that the rulebook does not have. */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const time = await startSkippedTime(request.testServer);
  try {
    return await onStage(request, time);
  } finally {
    await time.stop();
  }
}

async function onStage(request: RehearsalRequest, time: SkippedTime): Promise<Rehearsal> {
  const { rulebook, version, approveAfterMs, signal } = request;
  const service = rulebook.services[request.service];
  if (service === undefined) throw new RangeError(`no service "${request.service}"`);
  const { now } = time;
  const world = await createWorld({ rulebook, service, version, now });
  const { reader, publisher } = world.registries.registry(service.path[0] ?? '');
  const { image, path, packed } = await request.prepare(reader);
  await publisher.publish(service.repository, packed);
  for (const one of request.running) await settle(world, service, one, packed);
  if (request.atMs !== undefined) await time.skipTo(request.atMs);

  const id = releaseId(service.name, version);
  const stage: Stage = { time, releaseId: id, service: service.name, version, approveAfterMs, signal };
  return whileWorking(time, world.zones, rulebook, async () => {
    const startedAt = new Date(await time.look()).toISOString();
    const args: [ReleaseInput] = [inputOf(request, image, packed.manifestDigest)];
    for (const { environment } of world.zones) await openDesk(time, environment);
    await time.client.workflow.start(RELEASE, { workflowId: id, taskQueue: ENGINE_QUEUE, args });
    const played = await play(stage);
    const promotions = (await Promise.all(path.map((name) => statusOf(stage, name)))).flatMap((one) => one ?? []);
    const endedAt = new Date(await time.look()).toISOString();
    return timelineOf({
      ...{ service: service.name, version, path, approveAfterMs, startedAt, endedAt, promotions },
      ...played,
    });
  });
}

/** With an empty state: nobody was here before, and while a desk reads what its environment remembers the skipped clock would run on. */
async function openDesk({ client }: SkippedTime, environment: string): Promise<void> {
  const state: EnvironmentState = { format: 1, turns: NO_TURNS, restraints: [], running: {} };
  await client.workflow.start<(input: EnvironmentInput) => Promise<void>>(ENVIRONMENT_WORKFLOW, {
    ...deskStart(environment),
    args: [{ environment, state }],
  });
}

function inputOf(
  { service, version, requestedBy, until, ticket, allowOlder }: RehearsalRequest,
  image: string,
  manifests: string,
): ReleaseInput {
  return {
    ...{ service, version, image, manifests, requestedBy },
    ...(until === undefined ? {} : { until }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(allowOlder === undefined ? {} : { allowOlder }),
  };
}
