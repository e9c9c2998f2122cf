/** Bringing an environment back to a version that ran well there before. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ROLLBACK,
  type RollbackInput,
  rollbackQuery,
  type RollbackResult,
  type RollbackStatus,
} from '../contract/rollback-workflow.ts';
import { ENVIRONMENT, SERVICE } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { rollbackId } from '../contract/workflow-ids.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey, assertShort } from './keys.ts';
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

/** One at a time for a service in an environment. Throws `service-unknown`, `environment-unknown`, `temporal-unreachable`. */
export async function startRollback(engine: Engine, request: RollbackRequest): Promise<StartedRollback> {
  const { service, environment, to, reason, requestedBy = engine.user } = request;
  assertKey({ service, version: to ?? 'any' });
  assertEnvironment(environment);
  assertShort('reason', reason);
  const workflowId = rollbackId(service, environment);
  const what = `starting ${workflowId}`;
  try {
    await engine.connection.withDeadline(Date.now() + engine.callTimeoutMs, () =>
      engine.temporal.workflow.start(ROLLBACK, {
        workflowId,
        taskQueue: ENGINE_QUEUE,
        args: [{ ...request, requestedBy } satisfies RollbackInput],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          { key: SERVICE, value: service },
          { key: ENVIRONMENT, value: environment },
        ],
        staticSummary: `${environment} back to ${service} ${to ?? 'as it was'} · for ${requestedBy}`.slice(0, 200),
      }),
    );
    return { workflowId, how: 'started' };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, how: 'attached' };
    return asking(engine, { what, queue: ENGINE_QUEUE }, () => Promise.reject(error));
  }
}

/** Throws `release-not-found` when none was ever started. */
export async function readRollback(engine: Engine, service: string, environment: string): Promise<RollbackStatus> {
  const workflowId = rollbackId(service, environment);
  return asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId).query<RollbackStatus, []>(rollbackQuery.name),
  );
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
