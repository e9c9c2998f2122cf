/** Histories over Temporal's own client, for whoever has one: the command line's, and the one that a worker gives its activities. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { WorkflowNotFoundError } from '@temporalio/common';

export interface WorkflowRun {
  readonly workflowId: string;
  /** Undefined: the newest. */
  readonly runId?: string;
}

/** Event histories of workflows, as the server keeps them for a while: JSON in the form of Temporal's own tools. */
export interface Histories {
  /** Undefined: the server knows no such run (any more). */
  read(run: WorkflowRun): Promise<unknown>;
  /** Ids of all runs of that workflow, the oldest first. */
  runsOf(workflowId: string): Promise<readonly string[]>;
}

/** The part of a client that is used: both are one, from different packages. */
export interface HistoryClient {
  readonly workflow: {
    getHandle(workflowId: string, runId?: string): { fetchHistory(): Promise<Parameters<typeof historyToJSON>[0]> };
    list(options: { readonly query: string }): AsyncIterable<{ readonly runId: string; readonly startTime: Date }>;
  };
}

export function historiesOf(client: HistoryClient): Histories {
  return {
    async read({ workflowId, runId }) {
      try {
        const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
        return JSON.parse(historyToJSON(history)) as unknown;
      } catch (error) {
        if (isUnknown(error)) return undefined;
        throw error;
      }
    },
    async runsOf(workflowId) {
      const runs: { readonly runId: string; readonly startedMs: number }[] = [];
      for await (const { runId, startTime } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
        runs.push({ runId, startedMs: startTime.getTime() });
      const inOrder = runs.toSorted((a, b) => a.startedMs - b.startedMs || (a.runId < b.runId ? -1 : 1));
      return inOrder.map((one) => one.runId);
    },
  };
}

// google.rpc.Code
const NOT_FOUND = 5;

/** Reading a history throws the server's own error; other calls wrap it. */
function isUnknown(error: unknown): boolean {
  return (
    error instanceof WorkflowNotFoundError || (error instanceof Error && 'code' in error && error.code === NOT_FOUND)
  );
}
