/** Rehearsing the way back: starting it, looking at it and following it until it has ended. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  REHEARSAL,
  type RehearsalInput,
  rehearsalQuery,
  rehearsalStart,
  type RehearsalStatus,
} from '../contract/rehearsal-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { rehearsalId, rollbackId } from '../contract/workflow-ids.ts';
import { faultOfText } from '../domain/said.ts';
import type { Engine } from './engine.ts';
import { type FollowOptions, following, type LookAt, type WatchEvent } from './following.ts';
import { assertEnvironment, assertKey, assertNoFault } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { readRollback, type RollbackView } from './roll-back.ts';
import { asking } from './temporal-errors.ts';
import { eventsOfRollback } from './watch-rollback.ts';

export interface RehearsalRequest {
  readonly service: string;
  readonly environment: string;
  readonly to?: string;
  /** Undefined: it only looks. */
  readonly forReal?: { readonly reason: string };
}

export interface RehearsalPlace {
  readonly service: string;
  readonly environment: string;
  /** False: the newest of those that only looked. */
  readonly forReal: boolean;
}

export interface StartedRehearsal {
  readonly workflowId: string;
  /** `attached`: one is under way there already. */
  readonly how: 'started' | 'attached';
}

/** A rehearsal, and where the roll-back stands that it has under way. */
export interface RehearsalView extends RehearsalStatus {
  readonly rollback?: RollbackView;
}

/** It stands in the holds of both ways, after the version. */
const LONGEST_REASON = 500;

/** One at a time; those that only look start at any time. Throws `command-not-possible`, `temporal-unreachable`. */
export function startRehearsal(engine: Engine, request: RehearsalRequest): Promise<StartedRehearsal> {
  const { service, environment, to, forReal } = request;
  assertKey({ service, version: to ?? 'any' });
  assertEnvironment(environment);
  if (forReal !== undefined) assertNoFault(faultOfText('reason', forReal.reason, LONGEST_REASON));
  return start(engine, {
    ...{ service, environment, forReal: forReal !== undefined, reason: forReal?.reason ?? '' },
    requestedBy: engine.user,
    ...(to === undefined ? {} : { to }),
  });
}

/**
 * The rest of one that has not come forward again, for the same reason. Throws `command-not-possible` when there is nothing to finish,
 * `release-not-found` when none was ever started.
 */
export async function finishRehearsal(
  engine: Engine,
  { service, environment }: Pick<RehearsalPlace, 'service' | 'environment'>,
): Promise<StartedRehearsal> {
  const last = await readRehearsal(engine, { service, environment, forReal: true });
  const { from, to, reason } = last;
  const isLeft =
    last.ok === undefined ? last.back !== undefined || last.forward !== undefined : last.left !== undefined;
  if (from === undefined || to === undefined || !isLeft) {
    throw new ReleaseEngineError(
      'command-not-possible',
      `the last rehearsal of ${service} in ${environment} left nothing`,
      {
        expected: 'a rehearsal that went back and did not come forward again',
        got: last.said ?? `it is under way (${last.phase})`,
      },
    );
  }
  return start(engine, {
    ...{ service, environment, forReal: true, reason, requestedBy: engine.user },
    finish: { from, to, reason: `rehearsal: ${reason}` },
  });
}

async function start(engine: Engine, input: RehearsalInput): Promise<StartedRehearsal> {
  const { workflowId, ...how } = rehearsalStart(input);
  try {
    await engine.connection.withDeadline(Date.now() + engine.callTimeoutMs, () =>
      engine.temporal.workflow.start(REHEARSAL, {
        ...{ workflowId, ...how, args: [input], workflowIdConflictPolicy: 'FAIL' },
      }),
    );
    return { workflowId, how: 'started' };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, how: 'attached' };
    return asking(engine, { what: `starting ${workflowId}`, queue: ENGINE_QUEUE }, () => Promise.reject(error));
  }
}

/** The newest one. Throws `release-not-found` when none was ever started. */
export async function readRehearsal(engine: Engine, place: RehearsalPlace): Promise<RehearsalView> {
  const { service, environment, forReal } = place;
  assertKey({ service, version: 'any' });
  assertEnvironment(environment);
  const workflowId = rehearsalId(service, environment, forReal);
  const attempted = { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE };
  const status = await asking(engine, attempted, () =>
    engine.temporal.workflow.getHandle(workflowId).query<RehearsalStatus, []>(rehearsalQuery.name),
  );
  const runId = legOf(status)?.runId;
  if (status.ok !== undefined || runId === undefined) return status;
  return { ...status, rollback: await readRollback(engine, service, environment, runId) };
}

/** Ends after the outcome. */
export function watchRehearsal(
  engine: Engine,
  place: RehearsalPlace,
  options: FollowOptions<RehearsalView> = {},
): AsyncGenerator<WatchEvent, RehearsalView | undefined> {
  const { service, environment, forReal } = place;
  const own = { workflowId: rehearsalId(service, environment, forReal) };
  const followed = {
    look: () => readRehearsal(engine, place),
    events: eventsOfRehearsal,
    isOver: (view: RehearsalView) => view.ok !== undefined,
    runs: (view: RehearsalView | undefined) => {
      const { promotion: workflowId, runId } = view?.rollback ?? {};
      const leg = view === undefined ? undefined : legOf(view)?.runId;
      return [
        own,
        ...(leg === undefined ? [] : [{ workflowId: rollbackId(service, environment), runId: leg }]),
        ...(workflowId === undefined || runId === undefined ? [] : [{ workflowId, runId }]),
      ];
    },
  };
  return following(engine, followed, options);
}

function legOf({ back, forward }: RehearsalStatus): RehearsalStatus['back'] {
  return forward ?? back;
}

const BEGINS: Readonly<Record<RehearsalStatus['phase'], string | undefined>> = {
  checking: undefined,
  back: 'the way back begins',
  forward: 'the way forward begins',
  settling: 'looks whether everything is as it was',
  finished: undefined,
};

function eventsOfRehearsal(
  before: LookAt<RehearsalView> | undefined,
  after: LookAt<RehearsalView>,
): readonly WatchEvent[] {
  const { at, view } = after;
  const { environment, phase, rollback } = view;
  const events: WatchEvent[] = [];
  const begins = before?.view.phase === phase ? undefined : BEGINS[phase];
  if (begins !== undefined)
    events.push({ at: legOf(view)?.askedAt ?? at, kind: 'promotion', environment, text: begins });
  if (rollback !== undefined) {
    const isSame = before !== undefined && legOf(before.view)?.runId === legOf(view)?.runId;
    const known = isSame ? before.view.rollback : undefined;
    const same = known === undefined ? undefined : { at: before?.at ?? at, view: known };
    events.push(...eventsOfRollback(same, { at, view: rollback }));
  }
  return events;
}
