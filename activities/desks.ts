/** What promotions and roll-backs say to the desks of environments: one call each, where a message between workflows would be four tasks. */
import { Context } from '@temporalio/activity';
import { type SignalDefinition, WorkflowNotFoundError } from '@temporalio/common';
import pLimit, { type LimitFunction } from 'p-limit';
import type { DeskRequest, EngineActivities } from '../src/contract/activities.ts';
import {
  deskStart,
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  type LeaseReply,
  type LeaseReturn,
  requestLeaseSignal,
  requestLeaseUpdate,
  type RestrainCommand,
  restrainSignal,
  returnLeaseSignal,
} from '../src/contract/environment-workflow.ts';
import { environmentId } from '../src/contract/workflow-ids.ts';
import type { LeaseRequest } from '../src/domain/turns.ts';
import { whileBeating } from './beating.ts';

/** A desk answers within milliseconds; one that is overrun, or just begins a new run, hears it as a message instead. */
const ANSWER_MS = 2_000;
/** A server lets ten updates of one workflow be under way; a thousand who ask at once would be refused and come again, and again. */
const ASKING_AT_ONCE = 8;
/** One line before each desk, in this process. */
const lines = new Map<string, LimitFunction>();

export const deskActivities: Pick<EngineActivities, 'requestLease' | 'returnLease' | 'restrain'> = {
  requestLease,
  returnLease,
  restrain: ({ environment, said }: DeskRequest<RestrainCommand>) =>
    whileBeating(() => tell(environment, restrainSignal, said)),
};

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

/** Opens the desk when there is none. */
async function tell<Said>(environment: string, signal: SignalDefinition<[Said]>, said: Said): Promise<void> {
  await Context.current().client.workflow.signalWithStart<(input: EnvironmentInput) => Promise<void>, [Said]>(
    ENVIRONMENT_WORKFLOW,
    { ...deskStart(environment), signal, signalArgs: [said] },
  );
}
