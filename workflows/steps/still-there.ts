/** Whether other workflows are still there: the server is asked, for whom a terminated one is as much over as one that has ended. */
import { lookers } from './activity-options.ts';

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** Run ids of those that have ended, however they did. Fails where the server cannot say. */
export async function whoHasEnded(runs: readonly Run[]): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const those = runs.map(({ workflowId, runId }) => ({ workflowId, runId }));
  const summary = `who is still there of ${those.length}`;
  return (await lookers().whoHasEnded.executeWithOptions({ summary }, [{ runs: those }])).ended;
}
