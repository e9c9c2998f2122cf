/** What a watch tells a guardian: that something was changed, and no word about what. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Logger } from '@temporalio/worker';
import { takesNoMore } from '../../activities/desks.ts';
import { lookSignal } from '../contract/guardian-workflow.ts';
import { guardianId } from '../contract/workflow-ids.ts';

const ANSWER_MS = 5_000;

/** Starts nobody: a guardian begins with the promotion that it is to look after. False: it was not heard. */
export async function callGuardian(
  client: Client,
  { environment, service }: { readonly environment: string; readonly service: string },
  logger: Logger,
): Promise<boolean> {
  const guardian = client.workflow.getHandle(guardianId(environment, service));
  try {
    await client.withDeadline(Date.now() + ANSWER_MS, () => guardian.signal(lookSignal));
    return true;
  } catch (error) {
    // one that has been told more than it can take in looks as soon as it wakes
    if (error instanceof WorkflowNotFoundError || takesNoMore(error)) return true;
    logger.warn('a guardian could not be told of a change, tries again', { environment, service, error });
    return false;
  }
}
