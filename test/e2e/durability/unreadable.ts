/** What happened, read again from the beginning: whatever a worker did not remember must not have changed anything. */
import type { Client } from '@temporalio/client';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';

/** Ids of runs that a worker which has never seen them cannot read as they happened, with what is wrong. */
export async function unreadable(client: Client, options: ReplayWorkerOptions): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, client.workflow.list().intoHistories()))
    if (error !== undefined) found.push(`${workflowId}: ${error.message}`);
  return found;
}
