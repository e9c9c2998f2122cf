/** Environments: what restrains them, who changes something there and who waits, and saying stop, thaw, hold and lift. */
import { WithStartWorkflowOperation } from '@temporalio/client';
import { type UpdateDefinition, WorkflowNotFoundError } from '@temporalio/common';
import {
  deskStart,
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  environmentQuery,
  type EnvironmentStatus,
  liftUpdate,
  type RestraintAnswer,
  restrainUpdate,
} from '../contract/environment-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { environmentId } from '../contract/workflow-ids.ts';
import type { RestraintKind } from '../domain/restraint.ts';
import { faultOfLift, faultOfRestraint } from '../domain/restraint-words.ts';
import { neverOpened } from './desks.ts';
import type { Engine } from './engine.ts';
import { guardiansIn, type GuardianView } from './guardians.ts';
import { assertEnvironment, assertKey, assertNoFault } from './keys.ts';
import { rollbacksIn, type RollbackView } from './roll-back.ts';
import { asking } from './temporal-errors.ts';

export interface RestraintScope {
  readonly environment: string;
  /** Every service of the environment unless given; a hold needs one. */
  readonly service?: string;
  /** The connection's user unless given. */
  readonly by?: string;
}

export interface RestrainRequest extends RestraintScope {
  readonly reason: string;
  readonly incident?: string;
  /** Milliseconds. A stop needs an end; said again for the same scope it is moved. */
  readonly forMs?: number;
}

/** Throws `input-invalid`, `worker-missing`, `temporal-unreachable`. */
export async function restrain(
  engine: Engine,
  kind: RestraintKind,
  request: RestrainRequest,
): Promise<RestraintAnswer> {
  const { reason, incident, forMs } = request;
  const command = {
    ...saidBy(engine, kind, request),
    reason,
    ...(incident === undefined ? {} : { incident }),
    ...(forMs === undefined ? {} : { forMs }),
  };
  assertScope(request);
  assertNoFault(faultOfRestraint(command));
  return tell(engine, request, restrainUpdate, command, WORDS[kind].set, WORDS[kind].lift);
}

/**
 * Throws `command-not-possible` when there is nothing to lift, and what keeps the environment's desk from knowing (`worker-missing`,
 * `cluster-forbidden`, …) when it was opened anew and has not read yet what the environment remembers.
 */
export async function lift(
  engine: Engine,
  kind: RestraintKind,
  request: RestraintScope & { readonly reason?: string },
): Promise<RestraintAnswer> {
  const { reason } = request;
  const command = { ...saidBy(engine, kind, request), ...(reason === undefined ? {} : { reason }) };
  assertScope(request);
  assertNoFault(faultOfLift(command));
  return tell(engine, request, liftUpdate, command, WORDS[kind].lift, WORDS[kind].set);
}

export interface EnvironmentView extends EnvironmentStatus {
  /** Under way; undefined: none. */
  readonly rollbacks?: readonly RollbackView[];
  /** Where something is not as its promotion left it; undefined: nowhere. */
  readonly drifted?: readonly GuardianView[];
}

/** Undefined parts mean that nothing has happened there yet. Throws `worker-missing`, `temporal-unreachable`. */
export async function readEnvironment(engine: Engine, environment: string): Promise<EnvironmentView> {
  assertEnvironment(environment);
  const [desk, rollbacks, drifted] = await Promise.all([
    readDesk(engine, environment),
    rollbacksIn(engine, environment),
    guardiansIn(engine, { environment, drifted: true }),
  ]);
  return {
    ...desk,
    ...(rollbacks.length === 0 ? {} : { rollbacks }),
    ...(drifted.length === 0 ? {} : { drifted }),
  };
}

/** Nobody has ever released, stopped or held anything there: it may be no environment at all. */
export function isUntouched({ turns, restraints, running, past = [], rollbacks = [] }: EnvironmentView): boolean {
  const { fence, held, queue } = turns;
  const isEmpty = [held, queue, restraints, past, rollbacks, Object.keys(running)].every((some) => some.length === 0);
  return isEmpty && fence === 0;
}

async function readDesk(engine: Engine, environment: string): Promise<EnvironmentStatus> {
  const workflowId = environmentId(environment);
  const attempted = { what: `status of ${workflowId}`, workflowId, queue: ENGINE_QUEUE };
  return asking(engine, attempted, async () => {
    try {
      return await engine.temporal.workflow.getHandle(workflowId).query<EnvironmentStatus, []>(environmentQuery.name);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return neverOpened(environment);
    }
  });
}

function assertScope({ environment, service }: RestraintScope): void {
  assertEnvironment(environment);
  if (service !== undefined) assertKey({ service, version: 'any' });
}

function saidBy(engine: Engine, kind: RestraintKind, { service, by }: RestraintScope) {
  return { kind, by: by ?? engine.user, ...(service === undefined ? {} : { service }) };
}

interface Word {
  /** As the command line calls it. */
  readonly verb: string;
  /** What it needs besides. */
  readonly more?: string;
}

const WORDS: Readonly<Record<RestraintKind, { readonly set: Word; readonly lift: Word }>> = {
  stop: { set: { verb: 'stop', more: ' --reason … --for …' }, lift: { verb: 'thaw' } },
  hold: { set: { verb: 'hold set', more: ' --reason …' }, lift: { verb: 'hold lift' } },
};

/** The command line that says it in that scope. */
function commandOf({ verb, more = '' }: Word, { environment, service }: RestraintScope): string {
  const where = `--environment ${environment}`;
  if (verb.startsWith('hold')) return `sluice ${verb} ${service ?? ''} ${where}${more}`;
  return `sluice ${verb} ${where}${service === undefined ? '' : ` --service ${service}`}${more}`;
}

/**
 * The desk itself waits some seconds for the environment's own workers, and until those inside have been told; a thousand of them keep
 * the server too busy to pass its answer on at once.
 */
const DESK_ANSWERS_MS = 30_000;

/** The desk is opened when there is none: an environment can be stopped before anything was ever released there. */
async function tell<Command>(
  engine: Engine,
  scope: RestraintScope,
  update: UpdateDefinition<RestraintAnswer, [Command]>,
  command: Command,
  word: Word,
  opposite: Word,
): Promise<RestraintAnswer> {
  const { environment } = scope;
  const workflowId = environmentId(environment);
  const startWorkflowOperation = new WithStartWorkflowOperation<(input: EnvironmentInput) => Promise<void>>(
    ENVIRONMENT_WORKFLOW,
    { ...deskStart(environment), workflowIdConflictPolicy: 'USE_EXISTING' },
  );
  const left = { look: `sluice environment ${environment}`, takeBack: commandOf(opposite, scope) };
  const what = `${word.verb} ${workflowId}`;
  return asking(engine, { what, workflowId, queue: ENGINE_QUEUE, patienceMs: DESK_ANSWERS_MS, left }, () =>
    engine.temporal.workflow.executeUpdateWithStart(update, { args: [command], startWorkflowOperation }),
  );
}
