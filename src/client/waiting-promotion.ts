/** The promotion of a release that a person can talk to: the one that runs. */
import type { ReleaseStatus } from '../contract/status.ts';
import { releaseStatusQuery } from '../contract/release-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { promotionId, releaseId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking } from './temporal-errors.ts';

export interface PromotionKey extends ReleaseKey {
  /** The running one unless given. */
  readonly environment?: string;
}

/** The workflow id of the promotion that is meant. Throws `release-finished`, `release-not-found`, `command-not-possible`. */
export async function runningPromotion(engine: Engine, key: PromotionKey): Promise<string> {
  assertKey(key);
  if (key.environment !== undefined) {
    assertEnvironment(key.environment);
    return promotionId(key.service, key.version, key.environment);
  }
  const workflowId = releaseId(key.service, key.version);
  const status = await asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId).query<ReleaseStatus, []>(releaseStatusQuery.name),
  );
  const running = status.legs.find((leg) => leg.state === 'running');
  if (running !== undefined) return running.workflowId;
  const name = `${key.service} ${key.version}`;
  if (status.outcome !== undefined) {
    throw new ReleaseEngineError(
      'release-finished',
      `${name} is finished: ${status.outcome.kind}, ${status.outcome.reason}`,
      {
        remedy: 'nothing can be said to it any more; a new attempt is a new version',
      },
    );
  }
  throw new ReleaseEngineError(
    'command-not-possible',
    `no promotion of ${name} runs at the moment; it is ${status.phase}`,
    {
      remedy: `look at it with "sluice status ${key.service} ${key.version}" and try again`,
    },
  );
}
