/**
 * What a killed worker was doing is noticed by its silence, after the heartbeat timeout. A successor of the same name need not
 * wait for that: nobody else has this name, so whatever an earlier life of it still holds is held by nobody.
 */
import type { NativeConnection } from '@temporalio/worker';
import { ENVIRONMENT_WORKFLOW } from '../contract/environment-workflow.ts';
import { OBSERVATION } from '../contract/observation-workflow.ts';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { REHEARSAL } from '../contract/rehearsal-workflow.ts';
import { FORECAST, RELEASE } from '../contract/release-workflow.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { WAITING_FOR } from '../contract/search-attributes.ts';
import type { ErrorCode } from '../domain/error-code.ts';
import { isEarlierLife } from './worker-name.ts';

export interface Successor {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  /** It runs workflows too: those cached by its earlier life are released from it. */
  readonly engine: boolean;
}

/** Workflows at work at once that are looked at; beyond it, the heartbeat timeout decides as without a name. */
const MOST = 1_000;
const AT_ONCE = 8;
const LIMIT_MS = 20_000;
/** temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED */
const STARTED = 2;
/** google.rpc.Code.NOT_FOUND: it ended, or was given to somebody else, in the meantime. */
const NOT_FOUND = 5;
const LOST: ErrorCode = 'worker-missing';

interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

/** Fails what the earlier life was doing, so that Temporal retries it at once. Answers the activities, as `workflow: activity`. */
export async function takeOver(successor: Successor): Promise<readonly string[]> {
  return successor.connection.withDeadline(Date.now() + LIMIT_MS, async () => {
    const queue = [...(await atWork(successor))];
    const taken: string[] = [];
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) taken.push(...(await free(successor, next)));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return taken;
  });
}

/** Running workflows that wait for nobody: the others have no activity under way. */
async function atWork({ connection, namespace }: Successor): Promise<readonly Execution[]> {
  const types = [PROMOTION, RELEASE, FORECAST, OBSERVATION, ENVIRONMENT_WORKFLOW, ROLLBACK, REHEARSAL]
    .map((type) => `"${type}"`)
    .join(', ');
  const { executions } = await connection.workflowService.listWorkflowExecutions({
    namespace,
    pageSize: MOST,
    query: `ExecutionStatus = "Running" AND WorkflowType IN (${types}) AND ${WAITING_FOR.name} IS NULL`,
  });
  return (executions ?? []).map(({ execution }) => ({
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
  }));
}

async function free(successor: Successor, execution: Execution): Promise<readonly string[]> {
  const { connection, namespace, identity } = successor;
  const { pendingActivities } = await connection.workflowService.describeWorkflowExecution({ namespace, execution });
  const lost = (pendingActivities ?? []).filter(
    (one) => Number(one.state) === STARTED && isEarlierLife(one.lastWorkerIdentity ?? '', identity),
  );
  if (successor.engine) {
    await unlessGone(connection.workflowService.resetStickyTaskQueue({ namespace, execution }));
  }
  for (const { activityId } of lost) {
    const message = 'the worker that did this was killed; its successor takes over';
    const failure = { message, source: 'sluice', applicationFailureInfo: { type: LOST, nonRetryable: false } };
    await unlessGone(
      connection.workflowService.respondActivityTaskFailedById({
        namespace,
        ...execution,
        activityId: activityId ?? '',
        failure,
        identity,
      }),
    );
  }
  return lost.map((one) => `${execution.workflowId}: ${one.activityType?.name ?? one.activityId ?? ''}`);
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
  }
}
