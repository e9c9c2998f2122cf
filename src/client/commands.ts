/** What an operator can say to a release (pause, resume, abort) and to its running promotion (retry, roll back). */
import type { UpdateDefinition } from '@temporalio/common';
import { type Command, type CommandAnswer, retryUpdate, rollBackUpdate } from '../contract/promotion-workflow.ts';
import { abortReleaseUpdate, pauseReleaseUpdate, resumeReleaseUpdate } from '../contract/release-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { faultOfOrder } from '../domain/said.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey, assertNoFault } from './keys.ts';
import { asking } from './temporal-errors.ts';
import { type PromotionKey, runningPromotion } from './waiting-promotion.ts';

export interface CommandRequest {
  /** The connection's user unless given. */
  readonly by?: string;
  readonly reason?: string;
  /** Milliseconds; only for a pause. */
  readonly forMs?: number;
}

const TO_RELEASE = { pause: pauseReleaseUpdate, resume: resumeReleaseUpdate, abort: abortReleaseUpdate } as const;
const TO_PROMOTION = { retry: retryUpdate, rollBack: rollBackUpdate } as const;

export type ReleaseCommand = keyof typeof TO_RELEASE;
export type PromotionCommand = keyof typeof TO_PROMOTION;

/** Throws `input-invalid`, `release-finished`, `release-not-found`, `command-not-possible`, `worker-missing`. */
export async function tellRelease(
  engine: Engine,
  command: ReleaseCommand,
  request: ReleaseKey & CommandRequest,
): Promise<CommandAnswer> {
  assertKey(request);
  return tell(engine, releaseId(request.service, request.version), TO_RELEASE[command], orderOf(engine, request));
}

/** The running promotion unless an environment is named. Throws as {@link tellRelease}. */
export async function tellPromotion(
  engine: Engine,
  command: PromotionCommand,
  request: PromotionKey & CommandRequest,
): Promise<CommandAnswer> {
  const order = orderOf(engine, request);
  return tell(engine, await runningPromotion(engine, request), TO_PROMOTION[command], order);
}

function orderOf(engine: Engine, { by, reason, forMs }: CommandRequest): Command {
  const order: Command = {
    by: by ?? engine.user,
    ...(reason === undefined ? {} : { reason }),
    ...(forMs === undefined ? {} : { forMs }),
  };
  assertNoFault(faultOfOrder(order));
  return order;
}

async function tell(
  engine: Engine,
  workflowId: string,
  update: UpdateDefinition<CommandAnswer, [Command]>,
  command: Command,
): Promise<CommandAnswer> {
  return asking(engine, { what: `${update.name} ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId).executeUpdate(update, { args: [command] }),
  );
}
