/** Messages of one workflow, from its history: signals that it sent, and signals and updates that reached it and when it had taken them in. */
import type { Client } from '@temporalio/client';
import { millisecondsOf } from './releases.ts';

export interface SignalMoment {
  readonly name: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly atMs: number;
}

export interface ReceivedSignal extends SignalMoment {
  /** End of the first workflow task behind it: whatever the workflow does about it has been decided. */
  readonly takenInMs?: number;
}

export interface Signals {
  readonly sent: readonly SignalMoment[];
  readonly received: readonly ReceivedSignal[];
}

export async function signalsOf(client: Client, workflowId: string): Promise<Signals> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const sent: SignalMoment[] = [];
  const received: ReceivedSignal[] = [];
  // a task that was under way when a signal came has not seen it
  let startedAfter = 0;
  for (const event of events ?? []) {
    const atMs = millisecondsOf(event.eventTime);
    const out = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    if (out) sent.push({ name: out.signalName ?? '', atMs });
    const into = event.workflowExecutionSignaledEventAttributes;
    if (into) received.push({ name: into.signalName ?? '', atMs });
    // an update that is let in stands behind the task that let it in
    const update = event.workflowExecutionUpdateAcceptedEventAttributes;
    if (update) received.push({ name: update.acceptedRequest?.input?.name ?? '', atMs, takenInMs: atMs });
    if (event.workflowTaskStartedEventAttributes) startedAfter = received.length;
    if (!event.workflowTaskCompletedEventAttributes) continue;
    for (const [index, one] of received.slice(0, startedAfter).entries())
      if (one.takenInMs === undefined) received[index] = { ...one, takenInMs: atMs };
  }
  return { sent, received };
}
