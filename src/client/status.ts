/** Where a release stands: its own status, that of its promotions, and what the engine is trying at this moment. */
import { WorkflowNotFoundError, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { releaseStatusQuery } from '../contract/release-workflow.ts';
import type { PromotionStatus, ReleaseLeg, ReleaseStatus } from '../contract/status.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { type Restraint, restraintsOn } from '../domain/restraint.ts';
import { askDesk } from './desks.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { guardiansIn, type GuardianView } from './guardians.ts';
import { assertKey } from './keys.ts';
import { queryStatus, readPromotionStatus } from './promotion-status.ts';
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
  /** The newest roll-back to this version in each environment that has seen one; the release knows nothing of it. Undefined: none. */
  readonly rollbacks?: readonly RollbackRun[];
  /** Stops and holds in force that concern it where it has not arrived yet; undefined: the release has ended, or nobody could say. */
  readonly restraints?: readonly RestraintThere[];
  /** Where it is what runs and its guardian has found that something is not as it was left; undefined: nowhere, or nobody could say. */
  readonly drifted?: readonly GuardianView[];
}

/** A later run of the promotion that brought the version there first. */
export type RollbackRun = PromotionStatus & { readonly runId: string };

export type RestraintThere = Restraint & { readonly environment: string };

export interface StatusOptions {
  /** What has ended does not change: it is not asked again. */
  readonly known?: ReleaseView | undefined;
  /** False: only the release itself. */
  readonly rollbacks?: boolean;
}

/** Throws `release-not-found`, `worker-missing`, `temporal-unreachable`. */
export async function readStatus(
  engine: Engine,
  key: ReleaseKey,
  { known, rollbacks: isAsked = true }: StatusOptions = {},
): Promise<ReleaseView> {
  assertKey(key);
  const workflowId = releaseId(key.service, key.version);
  const release = await queryStatus<ReleaseStatus>(engine, workflowId, releaseStatusQuery.name);
  const begun = release.legs.filter((leg) => leg.state !== 'pending');
  const restraining = readRestraints(engine, release);
  const [promotions, rollbacks, ownRetries, ...legRetries] = await Promise.all([
    Promise.all(
      begun.map(
        async (leg) =>
          endedIn(known?.promotions, leg) ?? (await ifThere(leg, undefined, () => readPromotionStatus(engine, leg))),
      ),
    ),
    isAsked ? readRollbackRuns(engine, begun, known?.rollbacks) : [],
    release.phase === 'resolving' ? readRetrying(engine, workflowId) : [],
    ...begun
      .filter((leg) => leg.state === 'running')
      .map((leg) => ifThere(leg, [], () => readRetrying(engine, leg.workflowId, leg.environment))),
  ]);
  const present = promotions.filter((one) => one !== undefined);
  const retrying = [...ownRetries, ...legRetries.flat()].map((one) => ({ ...one, ...since(one, present) }));
  const restraints = await restraining;
  return {
    ...{ release, promotions: present, retrying },
    ...(rollbacks.length === 0 ? {} : { rollbacks }),
    ...(restraints === undefined ? {} : { restraints }),
  };
}

/** With what guardians have found where this version runs. Needs the store of lists, which may be away: then it is left out. */
export async function readStatusAndDrift(engine: Engine, key: ReleaseKey): Promise<ReleaseView> {
  assertKey(key);
  const [view, found = []] = await Promise.all([
    readStatus(engine, key),
    guardiansIn(engine, { service: key.service, drifted: true }).catch(() => undefined),
  ]);
  const drifted = found.filter(({ guarded }) => guarded?.version === key.version);
  return drifted.length === 0 ? view : { ...view, drifted };
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

async function readRollbackRuns(
  engine: Engine,
  legs: readonly ReleaseLeg[],
  known: readonly RollbackRun[] | undefined,
): Promise<readonly RollbackRun[]> {
  const runs = await Promise.all(legs.map((leg) => readRollbackRun(engine, leg, known)));
  return runs.filter((one) => one !== undefined);
}

/** Asks the server first, which needs no worker: nearly always there is none. */
async function readRollbackRun(
  engine: Engine,
  { workflowId, runId: own }: ReleaseLeg,
  known: readonly RollbackRun[] = [],
): Promise<RollbackRun | undefined> {
  if (own === undefined) return undefined;
  const { runId } = await asking(engine, { what: `looking at ${workflowId}`, workflowId }, () =>
    engine.temporal.workflow.getHandle(workflowId).describe(),
  );
  if (runId === own) return undefined;
  const ended = known.find((one) => one.runId === runId && one.outcome !== undefined);
  return ended ?? { ...(await readPromotionStatus(engine, { workflowId, runId })), runId };
}

function endedIn(known: readonly PromotionStatus[] = [], leg: ReleaseLeg): PromotionStatus | undefined {
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
