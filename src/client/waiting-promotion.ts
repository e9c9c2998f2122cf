/** The promotion of a release that a person can talk to: the one that runs. */
import type { ReleaseLeg, ReleaseStatus } from '../contract/status.ts';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { releaseStatusQuery } from '../contract/release-workflow.ts';
import { SERVICE, VERSION } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { promotionId, releaseId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { listReleases, readRows } from './list.ts';
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
  const status = await releaseStatus(engine, workflowId).catch(async (error: unknown) => {
    const back = isForgotten(error) ? await rollbackTo(engine, key) : undefined;
    if (back === undefined) throw error;
    return back;
  });
  if (typeof status === 'string') return status;
  const running = status.legs.find((leg) => leg.state === 'running')?.workflowId ?? (await rollbackTo(engine, key));
  if (running !== undefined) return running;
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

/** The same as the server lists it, a moment behind: needs no worker. */
export async function listedPromotion(engine: Engine, key: PromotionKey): Promise<string> {
  const { service, version, environment } = key;
  if (environment !== undefined) return runningPromotion(engine, key);
  assertKey(key);
  const isVersion = `${SERVICE.name} = '${service}' AND ${VERSION.name} = '${version}'`;
  const { rows } = await readRows(
    engine,
    `WorkflowType = '${PROMOTION}' AND ExecutionStatus = 'Running' AND ${isVersion}`,
    2,
  );
  const [only, ...more] = rows;
  if (only?.environment !== undefined && more.length === 0) return promotionId(service, version, only.environment);
  const message = `${more.length === 0 ? 'no promotion' : 'more than one promotion'} of ${service} ${version} runs at the moment`;
  throw new ReleaseEngineError('command-not-possible', message, {
    remedy: 'name the environment; "sluice list --waiting approval" shows what waits where',
  });
}

/** The promotion that the release itself has under way; undefined: none, or it is over. Throws `release-not-found`. */
export async function runningLeg(engine: Engine, key: PromotionKey): Promise<ReleaseLeg | undefined> {
  assertKey(key);
  if (key.environment !== undefined) assertEnvironment(key.environment);
  const { legs } = await releaseStatus(engine, releaseId(key.service, key.version));
  return legs.find((leg) => leg.state === 'running');
}

function releaseStatus(engine: Engine, workflowId: string): Promise<ReleaseStatus> {
  return asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId).query<ReleaseStatus, []>(releaseStatusQuery.name),
  );
}

/** Releases are remembered for some days, versions that ran well for as long as they are among the last ten. */
function isForgotten(error: unknown): boolean {
  return error instanceof ReleaseEngineError && error.code === 'release-not-found';
}

/** The one roll-back under way that brings this version back somewhere; of several none is meant. */
async function rollbackTo(engine: Engine, { service, version }: ReleaseKey): Promise<string | undefined> {
  const rows = await listReleases(engine, { service, rollbacks: true, running: true });
  const [only, ...more] = rows.filter((one) => one.version === version);
  return only?.environment === undefined || more.length > 0
    ? undefined
    : promotionId(service, version, only.environment);
}
