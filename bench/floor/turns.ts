/**
 * Taking turns, for both sides: the holder is the same, only the desk differs. The bare desk gives whatever it is asked for: three
 * signals a turn as the engine's, with the same contents, and a new run when its history has grown as far.
 */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type LeaseReturn,
  requestLeaseSignal,
  returnLeaseSignal,
  type Turn,
  turnSignal,
} from '../../src/contract/environment-workflow.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';

export interface Holding {
  /** Workflow id of the desk. */
  readonly desk: string;
  readonly service: string;
  readonly digest: string;
  /** Turns to take, one after the other. */
  readonly turns: number;
}

/** Turns are given back at once: who waits for longer waits in vain, and the measurement is to say so. */
const LONGEST_WAIT = '1 minute';

/** Asks for a turn, gives it back at once, and again. Answers the milliseconds from asking until it was given, one for each turn. */
export async function leaseHolder({ desk, service, digest, turns }: Holding): Promise<readonly number[]> {
  const { workflowId, runId } = workflowInfo();
  const waits: number[] = [];
  let given: number | undefined;
  setHandler(turnSignal, (turn: Turn) => {
    if (turn.kind === 'given') given = turn.fence;
  });
  for (let turn = 0; turn < turns; turn += 1) {
    const askedMs = Date.now();
    const at = new Date(askedMs).toISOString();
    given = undefined;
    const request: LeaseRequest = {
      ...{ service, version: `1.0.${turn}`, workflowId, runId, askedAt: at },
      ...{ policy: 'queue', priority: 'normal', passes: [] },
    };
    const handle = getExternalWorkflowHandle(desk);
    await handle.signal(requestLeaseSignal, request);
    if (!(await condition(() => given !== undefined, LONGEST_WAIT)))
      throw ApplicationFailure.nonRetryable(`${desk} gave no turn to ${service} within ${LONGEST_WAIT}`);
    waits.push(Date.now() - askedMs);
    const { version } = request;
    const running = { service, version, digest, since: at, approvedBy: ['ada'], requestedBy: 'pipeline', workflowId };
    await handle.signal(returnLeaseSignal, { runId, running });
  }
  return waits;
}

/** As the engine's desk begins anew. */
const LONGEST_HISTORY = 4_000;

export async function bareDesk(given = 0, before: readonly LeaseRequest[] = []): Promise<void> {
  const asking = [...before];
  let fence = given;
  let telling = 0;
  setHandler(requestLeaseSignal, (request) => void asking.push(request));
  setHandler(returnLeaseSignal, (_: LeaseReturn) => undefined);
  while (workflowInfo().historyLength <= LONGEST_HISTORY) {
    await condition(() => asking.length > 0);
    for (const { workflowId, runId } of asking.splice(0)) {
      fence += 1;
      telling += 1;
      const told = getExternalWorkflowHandle(workflowId, runId).signal(turnSignal, { kind: 'given', fence });
      void told.then(() => (telling -= 1));
    }
  }
  await condition(() => telling === 0);
  await continueAsNew<typeof bareDesk>(fence, asking);
}
