/** Messages from the desk to promotions. One whose receiver is not found means that it is gone. */
import { ApplicationFailure, getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';
import type { LeaseRequest } from '../../src/domain/turns.ts';
import type { Desk } from './desk.ts';
import { forget } from './holders.ts';

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
      .catch((error: unknown) => {
        // one who has been sent as many signals as a server allows is there all the same
        if (isGone(error)) forget(desk, runId);
      }),
  );
  desk.telling += 1;
  sendNext(desk);
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

/** As Temporal's SDK words it, whatever the server's own cause: there is no other sign of it. */
function isGone(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.message.includes('it was not found');
}
