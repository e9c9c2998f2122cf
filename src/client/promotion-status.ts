/** What the `status` queries of workflows answer. */
import { statusQuery } from '../contract/promotion-workflow.ts';
import type { PromotionStatus, ReleaseLeg } from '../contract/status.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import type { Engine } from './engine.ts';
import { asking } from './temporal-errors.ts';

/** Of its newest run unless one is named. */
export async function readPromotionStatus(
  engine: Engine,
  { workflowId, runId }: Pick<ReleaseLeg, 'workflowId' | 'runId'>,
): Promise<PromotionStatus> {
  return queryStatus<PromotionStatus>(engine, workflowId, statusQuery.name, runId);
}

export async function queryStatus<Status>(
  engine: Engine,
  workflowId: string,
  query: string,
  runId?: string,
): Promise<Status> {
  return asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId, runId).query<Status>(query),
  );
}
