/** Messages from the desk to promotions. One that does not arrive means that its receiver is gone. */
import { getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';
import { handBack, type LeaseRequest } from '../../src/domain/turns.ts';
import { type Desk, stir } from './desk.ts';

/** Sent at once, never waited for. */
export function tell<Args extends unknown[]>(
  desk: Desk,
  { workflowId, runId }: Pick<LeaseRequest, 'workflowId' | 'runId'>,
  signal: SignalDefinition<Args>,
  ...args: Args
): void {
  desk.telling += 1;
  void getExternalWorkflowHandle(workflowId, runId)
    .signal(signal, ...args)
    .then(
      () => undefined,
      () => forget(desk, runId),
    )
    .then(() => {
      desk.telling -= 1;
    });
}

/** Ended without a word, or terminated: its lease and its place go back. */
function forget(desk: Desk, runId: string): void {
  desk.turns = handBack(desk.turns, runId);
  desk.told.delete(runId);
  stir(desk);
}
