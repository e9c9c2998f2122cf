/** Where a release stands: its own status, that of its promotions, and what the engine is trying at this moment. */
import { WorkflowNotFoundError, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { statusQuery } from '../contract/promotion-workflow.ts';
import { releaseStatusQuery } from '../contract/release-workflow.ts';
import type { PromotionStatus, ReleaseLeg, ReleaseStatus } from '../contract/status.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { type Restraint, restraintsOn } from '../domain/restraint.ts';
import { askDesk } from './desks.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey } from './keys.ts';
import { asking } from './temporal-errors.ts';

/** An activity that has been tried in vain at least once. */
export interface Retrying {
  readonly environment?: string;
  readonly activity: string;
  /** The attempt that runs or comes next, from 2. */
  readonly attempt: number;
  /** ISO 8601: when the step began. */
  readonly since?: string;
  /** ISO 8601; undefined while the attempt runs. */
  readonly nextAttemptAt?: string;
  readonly code?: string;
  readonly message: string;
}

export interface ReleaseView {
  readonly release: ReleaseStatus;
  /** In the order of the path; those that have begun. */
  readonly promotions: readonly PromotionStatus[];
  readonly retrying: readonly Retrying[];
  /** Stops and holds in force that concern it where it has not arrived yet; undefined: the release has ended, or nobody could say. */
  readonly restraints?: readonly RestraintThere[];
}

export type RestraintThere = Restraint & { readonly environment: string };

/** What has ended does not change: `known` promotions are not asked again. Throws `release-not-found`, `worker-missing`, `temporal-unreachable`. */
export async function readStatus(
  engine: Engine,
  key: ReleaseKey,
  known: readonly PromotionStatus[] = [],
): Promise<ReleaseView> {
  assertKey(key);
  const workflowId = releaseId(key.service, key.version);
  const release = await queryStatus<ReleaseStatus>(engine, workflowId, releaseStatusQuery.name);
  const begun = release.legs.filter((leg) => leg.state !== 'pending');
  const restraining = readRestraints(engine, release);
  const [promotions, ownRetries, ...legRetries] = await Promise.all([
    Promise.all(
      begun.map(
        async (leg) => endedIn(known, leg) ?? (await ifThere(leg, undefined, () => readPromotionStatus(engine, leg))),
      ),
    ),
    release.phase === 'resolving' ? readRetrying(engine, workflowId) : [],
    ...begun
      .filter((leg) => leg.state === 'running')
      .map((leg) => ifThere(leg, [], () => readRetrying(engine, leg.workflowId, leg.environment))),
  ]);
  const present = promotions.filter((one) => one !== undefined);
  const retrying = [...ownRetries, ...legRetries.flat()].map((one) => ({ ...one, ...since(one, present) }));
  const restraints = await restraining;
  return { release, promotions: present, retrying, ...(restraints === undefined ? {} : { restraints }) };
}

/** Undefined when one of the desks does not answer: half of it would look like all of it. */
async function readRestraints(
  engine: Engine,
  { service, legs, outcome }: ReleaseStatus,
): Promise<readonly RestraintThere[] | undefined> {
  if (outcome !== undefined) return undefined;
  const ahead = legs.filter((leg) => leg.state !== 'finished').map((leg) => leg.environment);
  const desks = await Promise.all(ahead.map((environment) => askDesk(engine, environment)));
  if (desks.includes(undefined)) return undefined;
  return desks.flatMap((desk) => {
    if (desk === undefined) return [];
    const { environment, restraints } = desk;
    return restraintsOn(restraints, service, Date.now()).map((one) => ({ ...one, environment }));
  });
}

/** Of its newest run unless one is named. */
export async function readPromotionStatus(
  engine: Engine,
  { workflowId, runId }: Pick<ReleaseLeg, 'workflowId' | 'runId'>,
): Promise<PromotionStatus> {
  return queryStatus<PromotionStatus>(engine, workflowId, statusQuery.name, runId);
}

function endedIn(known: readonly PromotionStatus[], leg: ReleaseLeg): PromotionStatus | undefined {
  return known.find((one) => one.workflowId === leg.workflowId && one.outcome !== undefined);
}

/** A leg is announced before its workflow exists: not found yet is not there yet. */
async function ifThere<Found, Absent>(
  leg: ReleaseLeg,
  absent: Absent,
  read: () => Promise<Found>,
): Promise<Found | Absent> {
  try {
    return await read();
  } catch (error) {
    if (leg.state === 'running' && error instanceof Error && error.cause instanceof WorkflowNotFoundError)
      return absent;
    throw error;
  }
}

async function queryStatus<Status>(engine: Engine, workflowId: string, query: string, runId?: string): Promise<Status> {
  return asking(engine, { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE }, () =>
    engine.temporal.workflow.getHandle(workflowId, runId).query<Status>(query),
  );
}

async function readRetrying(engine: Engine, workflowId: string, environment?: string): Promise<readonly Retrying[]> {
  const { raw } = await asking(engine, { what: `looking at ${workflowId}`, workflowId }, () =>
    engine.temporal.workflow.getHandle(workflowId).describe(),
  );
  return (raw.pendingActivities ?? [])
    .filter((activity) => (activity.attempt ?? 1) > 1 && activity.lastFailure != null)
    .map((activity) => {
      const failure = defaultFailureConverter.failureToError(activity.lastFailure ?? {}, defaultPayloadConverter);
      const next = isoOf(activity.nextAttemptScheduleTime);
      const type = 'type' in failure && typeof failure.type === 'string' ? failure.type : undefined;
      return {
        ...(environment === undefined ? {} : { environment }),
        activity: activity.activityType?.name ?? 'unknown',
        attempt: activity.attempt ?? 1,
        ...(next === undefined ? {} : { nextAttemptAt: next }),
        ...(type === undefined ? {} : { code: type }),
        message: failure.message,
      };
    });
}

function since(retrying: Retrying, promotions: readonly PromotionStatus[]): { readonly since?: string } {
  const promotion = promotions.find((one) => one.environment === retrying.environment);
  const startedAt = promotion?.steps.find((step) => step.step === promotion.step)?.startedAt ?? promotion?.startedAt;
  return startedAt === undefined ? {} : { since: startedAt };
}

function isoOf(time: { readonly seconds?: unknown } | null | undefined): string | undefined {
  const seconds = Number(time?.seconds ?? 0);
  return seconds > 0 ? new Date(seconds * 1_000).toISOString() : undefined;
}
