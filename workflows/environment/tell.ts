/** Messages from the desk to promotions. One that does not arrive means that its receiver is gone. */
import { getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';
import { turnSignal } from '../../src/contract/environment-workflow.ts';
import { handBack, type LeaseRequest } from '../../src/domain/turns.ts';
import { type Desk, stir } from './desk.ts';

/** A workflow may have 2,000 signals on their way; one more would fail its task for good. */
const ON_THEIR_WAY = 500;

/** Never waited for: sent at once, or when others have arrived. */
export function tell<Args extends unknown[]>(
  desk: Desk,
  { workflowId, runId }: Pick<LeaseRequest, 'workflowId' | 'runId'>,
  signal: SignalDefinition<Args>,
  ...args: Args
): void {
  desk.outbox.push(() =>
    getExternalWorkflowHandle(workflowId, runId)
      .signal(signal, ...args)
      .catch(() => forget(desk, runId)),
  );
  desk.telling += 1;
  sendNext(desk);
}

/** Whether that very run is there to hear something; asked before anybody is told who is inside. */
export async function isThere(
  desk: Desk,
  { workflowId, runId }: Pick<LeaseRequest, 'workflowId' | 'runId'>,
): Promise<boolean> {
  desk.telling += 1;
  const isHeard = await getExternalWorkflowHandle(workflowId, runId)
    .signal(turnSignal, { kind: 'probe' })
    .then(
      () => true,
      () => false,
    );
  desk.telling -= 1;
  stir(desk);
  return isHeard;
}

/** `telling` counts what waits as well. */
function sendNext(desk: Desk): void {
  if (desk.telling - desk.outbox.length >= ON_THEIR_WAY) return;
  const send = desk.outbox.shift();
  if (send === undefined) return;
  void send().then(() => {
    desk.telling -= 1;
    sendNext(desk);
  });
}

/** Ended without a word, or terminated: its lease and its place go back. */
function forget(desk: Desk, runId: string): void {
  desk.turns = handBack(desk.turns, runId);
  desk.told.delete(runId);
  stir(desk);
}
