/** What an operator can say to a release or one promotion of it (pause, resume, abort), and to its running promotion (retry, roll back). */
import type { UpdateDefinition } from '@temporalio/common';
import {
  abortUpdate,
  type Command,
  type CommandAnswer,
  pauseUpdate,
  resumeUpdate,
  retryUpdate,
  rollBackUpdate,
} from '../contract/promotion-workflow.ts';
import { abortReleaseUpdate, pauseReleaseUpdate, resumeReleaseUpdate } from '../contract/release-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { faultOfOrder } from '../domain/said.ts';
import type { Engine } from './engine.ts';
import { assertKey, assertNoFault } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking, type Attempted } from './temporal-errors.ts';
import { type PromotionKey, runningLeg, runningPromotion } from './waiting-promotion.ts';

export interface CommandRequest {
  /** The connection's user unless given. */
  readonly by?: string;
  readonly reason?: string;
  /** Milliseconds; only for a pause. */
  readonly forMs?: number;
}

const TO_RELEASE = { pause: pauseReleaseUpdate, resume: resumeReleaseUpdate, abort: abortReleaseUpdate } as const;
const TO_PROMOTION = {
  pause: pauseUpdate,
  resume: resumeUpdate,
  abort: abortUpdate,
  retry: retryUpdate,
  rollBack: rollBackUpdate,
} as const;

export type ReleaseCommand = keyof typeof TO_RELEASE;
export type PromotionCommand = keyof typeof TO_PROMOTION;

/**
 * The release, or with an environment the promotion into it, which may also be one that brings the version back. Throws `input-invalid`,
 * `release-finished`, `release-not-found`, `command-not-possible`, `worker-missing`.
 */
export async function tellRelease(
  engine: Engine,
  command: ReleaseCommand,
  request: PromotionKey & CommandRequest,
): Promise<CommandAnswer> {
  assertKey(request);
  if (command === 'resume') return resume(engine, request);
  if (request.environment !== undefined) return tellPromotion(engine, command, request);
  return tell(engine, releaseId(request.service, request.version), TO_RELEASE[command], orderOf(engine, request));
}

/** A pause of the release is kept by the release, one of a promotion by the promotion: whoever resumes need not know which it was. */
async function resume(engine: Engine, request: PromotionKey & CommandRequest): Promise<CommandAnswer> {
  const order = orderOf(engine, request);
  const { environment } = request;
  const leg = await runningLeg(engine, request).catch(unlessNotFound);
  if (environment !== undefined && environment !== leg?.environment) return tellPromotion(engine, 'resume', request);
  try {
    return await tell(engine, releaseId(request.service, request.version), TO_RELEASE.resume, order);
  } catch (error) {
    if (leg === undefined || !isNotPaused(error)) throw error;
    return tell(engine, leg.workflowId, TO_PROMOTION.resume, order);
  }
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof ReleaseEngineError && error.code === 'release-not-found') return undefined;
  throw error;
}

function isNotPaused(error: unknown): boolean {
  return error instanceof ReleaseEngineError && error.code === 'command-not-possible';
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
  const attempted = {
    what: `${WORDS[update.name] ?? update.name} ${workflowId}`,
    workflowId,
    queue: ENGINE_QUEUE,
    left: leftOf(update.name, workflowId),
  };
  return asking(engine, attempted, () =>
    engine.temporal.workflow.getHandle(workflowId).executeUpdate(update, { args: [command] }),
  );
}

/** Where an update is not called what people say. */
const WORDS: Readonly<Record<string, string>> = { [rollBackUpdate.name]: 'roll back' };

const OPPOSITES: Readonly<Record<string, ReleaseCommand>> = { pause: 'resume', resume: 'pause' };

/** What has begun to end or to be tried again, nothing takes back. */
function leftOf(command: string, workflowId: string): NonNullable<Attempted['left']> {
  const [, service = '', version = '', environment] = workflowId.split('/');
  const release = `${service} ${version}`;
  const opposite = OPPOSITES[command];
  const where = environment === undefined ? '' : ` --environment ${environment}`;
  const takeBack = opposite === undefined ? {} : { takeBack: `sluice ${opposite} ${release}${where}` };
  return { look: `sluice status ${release}`, ...takeBack };
}
