/** Bringing an environment back to a version that ran well there before, and seeing how far that is. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { PromotionStatus } from '../contract/status.ts';
import {
  ROLLBACK,
  type RollbackInput,
  rollbackQuery,
  type RollbackResult,
  rollbackStart,
  type RollbackStatus,
} from '../contract/rollback-workflow.ts';
import { ENVIRONMENT } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { rollbackId } from '../contract/workflow-ids.ts';
import { faultOfRemark, LONGEST_REASON } from '../domain/said.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey, assertNoFault } from './keys.ts';
import { readRows } from './list.ts';
import { readPromotionStatus } from './promotion-status.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking, explained } from './temporal-errors.ts';

export interface RollbackRequest extends Omit<RollbackInput, 'requestedBy'> {
  /** The connection's user unless given. */
  readonly requestedBy?: string;
}

export interface StartedRollback {
  readonly workflowId: string;
  /** `attached`: one runs there already, whatever it was asked for. */
  readonly how: 'started' | 'attached';
}

/** A roll-back, and where the promotion that brings the version back stands. */
export interface RollbackView extends RollbackStatus {
  /** Undefined: it has not begun, or never did. */
  readonly standing?: PromotionStatus;
}

/**
 * One at a time for a service in an environment. Throws `command-not-possible` while one goes to another version than the named one,
 * `temporal-unreachable`.
 */
export async function startRollback(engine: Engine, request: RollbackRequest): Promise<StartedRollback> {
  const { service, environment, to, reason, requestedBy = engine.user } = request;
  assertKey({ service, version: to ?? 'any' });
  assertEnvironment(environment);
  assertNoFault(faultOfRemark('reason', reason, LONGEST_REASON));
  const input: RollbackInput = { ...request, requestedBy };
  const workflowId = rollbackId(service, environment);
  const what = `starting ${workflowId}`;
  try {
    await engine.connection.withDeadline(Date.now() + engine.callTimeoutMs, () =>
      engine.temporal.workflow.start(ROLLBACK, {
        ...rollbackStart(input),
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
      }),
    );
    return { workflowId, how: 'started' };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return attached(engine, workflowId, request);
    return asking(engine, { what, queue: ENGINE_QUEUE }, () => Promise.reject(error));
  }
}

/** Whoever names a version must not take the way to another one for theirs. */
async function attached(
  engine: Engine,
  workflowId: string,
  { service, environment, to }: RollbackRequest,
): Promise<StartedRollback> {
  if (to === undefined) return { workflowId, how: 'attached' };
  const { to: running } = await readRollback(engine, service, environment);
  if (running === undefined || running === to) return { workflowId, how: 'attached' };
  const message = `${environment} goes back to ${service} ${running} at this moment`;
  throw new ReleaseEngineError('command-not-possible', message, {
    ...{ expected: to, got: running },
    remedy: `let it end, or end it with "sluice rollback ${service} ${running} --environment ${environment}"; then ask again`,
  });
}

/** The newest one, or that run. Throws `release-not-found` when none was ever started. */
export async function readRollback(
  engine: Engine,
  service: string,
  environment: string,
  run?: string,
): Promise<RollbackView> {
  assertKey({ service, version: 'any' });
  assertEnvironment(environment);
  const workflowId = rollbackId(service, environment);
  const rollback = await asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId, run).query<RollbackStatus, []>(rollbackQuery.name),
  );
  const { promotion, runId } = rollback;
  if (promotion === undefined || runId === undefined) return rollback;
  return { ...rollback, standing: await readPromotionStatus(engine, { workflowId: promotion, runId }) };
}

/** Some at most: one for each service. */
const MOST = 1_000;

/** Those under way in an environment, as the visibility store knows them: a moment behind. */
export async function rollbacksIn(engine: Engine, environment: string): Promise<readonly RollbackView[]> {
  assertEnvironment(environment);
  const query = `WorkflowType = '${ROLLBACK}' AND ${ENVIRONMENT.name} = '${environment}' AND ExecutionStatus = 'Running'`;
  const { rows } = await readRows(engine, query, MOST);
  const views = await Promise.all(rows.map(({ service }) => readRollback(engine, service, environment)));
  return views.filter((one) => one.outcome === undefined);
}

/** Resolves with the outcome, days later if need be. */
export async function waitForRollback(engine: Engine, service: string, environment: string): Promise<RollbackResult> {
  const workflowId = rollbackId(service, environment);
  try {
    return (await engine.temporal.workflow.getHandle(workflowId).result()) as RollbackResult;
  } catch (error) {
    throw await explained(engine, { what: `outcome of ${workflowId}`, workflowId }, error);
  }
}
