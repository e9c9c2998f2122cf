/** Telling others of a word about an environment: its desk knows no configuration, so who wants to hear of it is looked up here. */
import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { AnnounceRequest } from '../src/contract/activities.ts';
import { NOTIFICATION, type NotificationInput, notificationStart } from '../src/contract/notification-workflow.ts';
import { ENGINE_QUEUE } from '../src/contract/task-queues.ts';
import type { Rulebook } from '../src/domain/rulebook.ts';
import { listenersIn } from '../src/policy/notification-policy.ts';
import { malformedEvent } from './notify.ts';

/** Begins a workflow that brings it to them; nobody who hears of it means that there is none. */
export async function announce(
  rulebook: Pick<Rulebook, 'receivers'>,
  { event }: AnnounceRequest,
): Promise<{ readonly receivers: readonly string[] }> {
  const receivers = malformedEvent(event) === undefined ? listenersIn(rulebook, event.data) : [];
  if (receivers.length === 0) return { receivers };
  const input: NotificationInput = { event, receivers };
  try {
    await Context.current().client.workflow.start(NOTIFICATION, {
      ...notificationStart(event),
      taskQueue: ENGINE_QUEUE,
      args: [input],
    });
  } catch (error) {
    // told before: its answer was lost on the way
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return { receivers };
}
