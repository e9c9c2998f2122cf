/** Starting releases of a setting's services, and reading from their histories what happened when. */
import type { Client } from '@temporalio/client';
import type { Engine } from '../../src/client/engine.ts';
import { startRelease } from '../../src/client/start-release.ts';
import type { ReleaseResult } from '../../src/contract/release-workflow.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import { REQUESTED_BY, serviceName, VERSION } from './setting.ts';
import type { Content } from './content.ts';

/** Starts the release of one service; resolves when Temporal has it. */
export async function begin(engine: Engine, { service, image, manifests }: Content): Promise<string> {
  const reference = `${service}@${image}`;
  const request = { service, version: VERSION, image: reference, manifests, requestedBy: REQUESTED_BY };
  return (await startRelease(engine, request)).workflowId;
}

/** Starts it and waits for the end; throws when it did not end as `released`. */
export async function complete(engine: Engine, content: Content): Promise<void> {
  const workflowId = await begin(engine, content);
  const result = (await engine.temporal.workflow.getHandle(workflowId).result()) as ReleaseResult;
  if (result.outcome.kind !== 'released') {
    throw new Error(`${workflowId} ended as ${result.outcome.kind}: ${result.outcome.reason}`);
  }
}

export interface ActivityRun {
  readonly name: string;
  readonly queue: string;
  readonly summary: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly scheduledMs: number;
  readonly startedMs?: number;
  readonly completedMs?: number;
  readonly attempt: number;
}

/** The activities of one workflow in the order in which they were asked for. */
export async function activitiesOf(client: Client, workflowId: string): Promise<readonly ActivityRun[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const runs = new Map<string, ActivityRun>();
  for (const event of events ?? []) {
    const at = millisecondsOf(event.eventTime);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      runs.set(String(event.eventId), {
        name: scheduled.activityType?.name ?? '',
        queue: scheduled.taskQueue?.name ?? '',
        summary: textOf(event.userMetadata?.summary?.data),
        scheduledMs: at,
        attempt: 0,
      });
    }
    const started = event.activityTaskStartedEventAttributes;
    if (started) update(runs, started.scheduledEventId, { startedMs: at, attempt: started.attempt ?? 1 });
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) update(runs, completed.scheduledEventId, { completedMs: at });
  }
  return [...runs.values()];
}

export function promotionsOf(index: number, path: readonly string[]): readonly string[] {
  return path.map((environment) => promotionId(serviceName(index), VERSION, environment));
}

function update(runs: Map<string, ActivityRun>, id: unknown, fields: Partial<ActivityRun>): void {
  const run = runs.get(String(id));
  if (run !== undefined) runs.set(String(id), { ...run, ...fields });
}

function textOf(data: Uint8Array | null | undefined): string {
  return data ? String(JSON.parse(Buffer.from(data).toString('utf8'))) : '';
}

/** Milliseconds since the epoch of a time in a history. */
export function millisecondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
