/** What promotions and roll-backs say to the desks of environments: one call each, where a message between workflows would be four tasks. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, type SignalDefinition, WorkflowNotFoundError } from '@temporalio/common';
import pLimit, { type LimitFunction } from 'p-limit';
import type { DeskRequest, EngineActivities, LiftedAnswer, TellRestraintsRequest } from '../src/contract/activities.ts';
import {
  deskStart,
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  type LeaseReply,
  type LeaseReturn,
  type LiftCommand,
  liftUpdate,
  requestLeaseSignal,
  requestLeaseUpdate,
  type RestrainCommand,
  restrainSignal,
  restraintsSignal,
  restraintsUpdate,
  returnLeaseSignal,
} from '../src/contract/environment-workflow.ts';
import { environmentId } from '../src/contract/workflow-ids.ts';
import type { ErrorCode } from '../src/domain/error-code.ts';
import { type Restraint, restraintsOn } from '../src/domain/restraint.ts';
import type { LeaseRequest } from '../src/domain/turns.ts';
import { whileBeating } from './beating.ts';

/** A desk answers within milliseconds; one that is overrun, or just begins a new run, hears it as a message instead. */
const ANSWER_MS = 2_000;
/** Whoever lifts something is answered when that is written down. */
const LIFT_MS = 20_000;
/** A server lets ten updates of one workflow be under way; a thousand who ask at once would be refused and come again, and again. */
const ASKING_AT_ONCE = 8;
/** One line before each desk, in this process. */
const lines = new Map<string, LimitFunction>();

/**
 * How many are told of a stop at a time: about as many as a worker takes in at once. More would only wait for one another, until the
 * server takes them from the worker that remembers them, and the desk with them.
 */
const TELLING_AT_ONCE = 40;
const TAKEN_IN_MS = 5_000;
/**
 * google.rpc.Code: INVALID_ARGUMENT, FAILED_PRECONDITION. The server's last word on a receiver who has been sent as many signals as a
 * workflow can take: it is there all the same.
 */
const REFUSED: readonly unknown[] = [3, 9];

type DeskActivities = Pick<
  EngineActivities,
  'requestLease' | 'returnLease' | 'restrain' | 'lift' | 'tellRestraints' | 'whoHasEnded'
>;

export const deskActivities: DeskActivities = {
  requestLease,
  returnLease,
  restrain: ({ environment, said }: DeskRequest<RestrainCommand>) =>
    whileBeating(() => tell(environment, restrainSignal, said)),
  lift: (request: DeskRequest<LiftCommand>) => whileBeating(() => lift(request)),
  tellRestraints: (request: TellRestraintsRequest) => whileBeating(() => tellHolders(request)),
  whoHasEnded: async ({ runs }) => {
    const atOnce = pLimit(ASKING_AT_ONCE);
    const ended = await Promise.all(runs.map((run) => atOnce(() => hasEnded(run))));
    return { ended: runs.filter((_, index) => ended[index]).map(({ runId }) => runId) };
  },
};

/** One that is paused, or in a state of a newer server, is there. */
const OVER = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW'];

/** Fails where the server cannot say. */
export async function hasEnded({ workflowId, runId }: { workflowId: string; runId: string }): Promise<boolean> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(workflowId, runId).describe();
    return OVER.includes(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

async function tellHolders({ restraints, holders }: TellRestraintsRequest): Promise<{ readonly gone: string[] }> {
  const atOnce = pLimit(TELLING_AT_ONCE);
  const nowMs = Date.now();
  const told = await Promise.allSettled(
    holders.map((one) => atOnce(() => tellHolder(one, restraintsOn(restraints, one.service, nowMs)))),
  );
  // everybody else is told first
  const failure = told.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const isGone = (index: number): boolean => told[index]?.status === 'fulfilled' && told[index].value === 'gone';
  return { gone: holders.flatMap(({ runId }, index) => (isGone(index) ? [runId] : [])) };
}

/** Most answer that they have taken it in. Whoever does not, hears it as a message. */
async function tellHolder(
  { workflowId, runId, fence }: TellRestraintsRequest['holders'][number],
  restraints: readonly Restraint[],
): Promise<'told' | 'gone'> {
  const { client } = Context.current();
  const holder = client.workflow.getHandle(workflowId, runId);
  const said: [readonly Restraint[], number] = [restraints, fence];
  try {
    await client.withDeadline(Date.now() + TAKEN_IN_MS, () => holder.executeUpdate(restraintsUpdate, { args: said }));
    return 'told';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'gone' : signalHolder(holder, said);
  }
}

type Holder = ReturnType<Context['client']['workflow']['getHandle']>;

async function signalHolder(holder: Holder, said: [readonly Restraint[], number]): Promise<'told' | 'gone'> {
  try {
    await holder.signal(restraintsSignal, ...said);
    return 'told';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'gone';
    if (takesNoMore(error)) return 'told';
    throw error;
  }
}

/** Whether a workflow is there and has been sent as many signals as it can take. */
export function takesNoMore(error: unknown): boolean {
  return REFUSED.includes(grpcCodeOf(error));
}

/** The client wraps what gRPC throws. */
function grpcCodeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}

function requestLease(request: DeskRequest<LeaseRequest>): Promise<LeaseReply> {
  const { environment } = request;
  const line = lines.get(environment) ?? pLimit(ASKING_AT_ONCE);
  lines.set(environment, line);
  return whileBeating(() => line(() => ask(request)));
}

async function ask({ environment, said }: DeskRequest<LeaseRequest>): Promise<LeaseReply> {
  const { client } = Context.current();
  const desk = client.workflow.getHandle(environmentId(environment));
  try {
    return await client.withDeadline(Date.now() + ANSWER_MS, () =>
      desk.executeUpdate(requestLeaseUpdate, { args: [said] }),
    );
  } catch {
    // Whatever it was: no desk yet, ten others who ask at this moment, no answer in time. A message arrives all the same, or says why not.
    await tell(environment, requestLeaseSignal, said);
    return {};
  }
}

async function returnLease({ environment, said }: DeskRequest<LeaseReturn>): Promise<void> {
  const { client } = Context.current();
  try {
    await client.workflow.getHandle(environmentId(environment)).signal(returnLeaseSignal, said);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const NONE_SUCH: ErrorCode = 'command-not-possible';

/** A desk that cannot say whether there is such a one is asked again. */
async function lift({ environment, said }: DeskRequest<LiftCommand>): Promise<LiftedAnswer> {
  const { client } = Context.current();
  const desk = client.workflow.getHandle(environmentId(environment));
  try {
    const { message } = await client.withDeadline(Date.now() + LIFT_MS, () =>
      desk.executeUpdate(liftUpdate, { args: [said] }),
    );
    return { lifted: true, said: message };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { lifted: false, said: `${environment} has no desk` };
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== NONE_SUCH) throw error;
    return { lifted: false, said: cause.message };
  }
}

/** Opens the desk when there is none. */
async function tell<Said>(environment: string, signal: SignalDefinition<[Said]>, said: Said): Promise<void> {
  await Context.current().client.workflow.signalWithStart<(input: EnvironmentInput) => Promise<void>, [Said]>(
    ENVIRONMENT_WORKFLOW,
    { ...deskStart(environment), signal, signalArgs: [said] },
  );
}
