/** A workflow that somebody else has written: it asks any queue for any activity, and says what came of it. */
import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';

export interface Asked {
  readonly taskQueue: string;
  readonly activity: string;
  readonly request: unknown;
}

/** The answer, or the code of the failure. */
export async function byHand({ taskQueue, activity, request }: Asked): Promise<unknown> {
  const options = { taskQueue, startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } } as const;
  const act = proxyActivities<Record<string, (request: unknown) => Promise<unknown>>>(options)[activity];
  try {
    return await act?.(request);
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)
      return { failed: error.cause.type };
    throw error;
  }
}
