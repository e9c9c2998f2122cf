/** What is told of a test that takes much longer than any should: its suite's limit alone says only that it was too long. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowExecutionDescription } from '@temporalio/client';

/** Longer than any test of workflows takes on a busy machine, shorter than the limit of any suite. */
const LATE_MS = 150_000;

/** Says once, on standard error, what goes on when `work` is late, and where every workflow stands; changes nothing. */
export async function tellingWhenLate<Result>(
  env: TestWorkflowEnvironment,
  stage: () => string,
  work: Promise<Result>,
): Promise<Result> {
  const timer = setTimeout(() => void tell(env, stage()), LATE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

async function tell({ client }: TestWorkflowEnvironment, stage: string): Promise<void> {
  console.error(`late: still ${stage}`);
  try {
    for await (const { workflowId, runId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
      const said = await client.workflow.getHandle(workflowId, runId).describe();
      console.error(`late: ${workflowId} ${runId} ${JSON.stringify(pendingOf(said))}`);
    }
  } catch (error) {
    console.error('late: the server does not say what runs', error);
  }
}

function pendingOf({ raw, historyLength }: WorkflowExecutionDescription): object {
  const { pendingActivities, pendingChildren, pendingWorkflowTask } = raw;
  const activities = pendingActivities?.map((one) => ({
    name: one.activityType?.name,
    state: one.state,
    attempt: one.attempt,
    failure: one.lastFailure?.message,
    startedAt: one.lastStartedTime?.seconds?.toString(),
  }));
  const children = pendingChildren?.map((one) => one.workflowId);
  return { historyLength, activities, children, workflowTask: pendingWorkflowTask };
}
