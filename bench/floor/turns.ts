/**
 * Taking turns, for both sides: the holder is the same and asks as promotions do, only the desk differs. The bare desk gives whatever it
 * is asked for, in the same messages with the same contents, and begins a new run when its history has grown as far.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { EngineActivities } from '../../src/contract/activities.ts';
import {
  type LeaseReply,
  type LeaseReturn,
  requestLeaseSignal,
  requestLeaseUpdate,
  returnLeaseSignal,
  type Turn,
  turnSignal,
} from '../../src/contract/environment-workflow.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';

export interface Holding {
  /** Whose desk is asked. */
  readonly environment: string;
  readonly service: string;
  readonly digest: string;
  /** Turns to take, one after the other. */
  readonly turns: number;
}

/** Turns are given back at once: who waits for longer waits in vain, and the measurement is to say so. */
const LONGEST_WAIT = '1 minute';
const { requestLease } = proxyActivities<EngineActivities>({ startToCloseTimeout: LONGEST_WAIT });
const { returnLease } = proxyLocalActivities<EngineActivities>({ startToCloseTimeout: LONGEST_WAIT });

/** Asks for a turn, gives it back at once, and again. Answers the milliseconds from asking until it was given, one for each turn. */
export async function leaseHolder({ environment, service, digest, turns }: Holding): Promise<readonly number[]> {
  const { workflowId, runId } = workflowInfo();
  const waits: number[] = [];
  let given = false;
  setHandler(turnSignal, (turn: Turn) => {
    given ||= turn.kind === 'given';
  });
  for (let turn = 0; turn < turns; turn += 1) {
    const askedMs = Date.now();
    const at = new Date(askedMs).toISOString();
    given = false;
    const request: LeaseRequest = {
      ...{ service, version: `1.0.${turn}`, workflowId, runId, askedAt: at },
      ...{ policy: 'queue', priority: 'normal', passes: [] },
    };
    const reply = await requestLease({ environment, said: request });
    const isGiven = (): boolean => given || reply.given !== undefined;
    if (!isGiven() && !(await condition(isGiven, LONGEST_WAIT)))
      throw ApplicationFailure.nonRetryable(`${environment} gave no turn to ${service} within ${LONGEST_WAIT}`);
    waits.push(Date.now() - askedMs);
    const { version } = request;
    const running = { service, version, digest, since: at, approvedBy: ['ada'], requestedBy: 'pipeline', workflowId };
    await returnLease({ environment, said: { runId, running } });
  }
  return waits;
}

/** As the engine's desk begins anew. */
const LONGEST_HISTORY = 4_000;

export async function bareDesk(given = 0): Promise<void> {
  let fence = given;
  let telling = 0;
  const give = (): Turn & { readonly kind: 'given' } => {
    fence += 1;
    return { kind: 'given', fence };
  };
  setHandler(requestLeaseUpdate, (): LeaseReply => ({ given: give() }));
  // as the engine's desk hears it from whoever got no answer in time, or asked while it began its new run
  setHandler(requestLeaseSignal, async ({ workflowId, runId }: LeaseRequest) => {
    telling += 1;
    await getExternalWorkflowHandle(workflowId, runId).signal(turnSignal, give());
    telling -= 1;
  });
  setHandler(returnLeaseSignal, (_: LeaseReturn) => undefined);
  await condition(() => workflowInfo().historyLength > LONGEST_HISTORY);
  await condition(() => telling === 0 && allHandlersFinished());
  await continueAsNew<typeof bareDesk>(fence);
}
