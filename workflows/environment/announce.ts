/** What the desk tells others of stops and holds: each word is an event, which a workflow of its own brings to whoever wants to hear of it. */
import { uuid4, workflowInfo } from '@temporalio/workflow';
import { type EventData, type EventName, sluiceEvent } from '../../src/domain/notification.ts';
import { isInForce, type Restraint } from '../../src/domain/restraint.ts';
import { announcers } from '../steps/activity-options.ts';

/** As much of a desk as its words are about. */
interface Announcing {
  readonly environment: string;
  readonly restraints: readonly Restraint[];
  announced: number;
  telling: number;
  isStirred: boolean;
}

/**
 * Counted like a message to a promotion until it has been passed on: a run that has not been heard begins no new one, and the new one tells
 * nothing again.
 */
export function announce(
  desk: Announcing,
  event: Extract<EventName, 'restrained' | 'lifted' | 'lapsed'>,
  restraint: Restraint,
  lifted?: EventData['lifted'],
): void {
  desk.announced += 1;
  desk.telling += 1;
  const { namespace, workflowId, originalExecutionRunId } = workflowInfo();
  const id = `${originalExecutionRunId}-${desk.announced}-${uuid4().slice(0, 8)}`;
  const data = dataOf(desk, event, restraint, lifted);
  const told = sluiceEvent({ id, namespace, subject: workflowId, time: new Date().toISOString(), data });
  void announcers()
    .announce.executeWithOptions({ summary: `tells of: ${event}` }, [{ event: told }])
    .catch(() => undefined)
    .then(() => {
      desk.telling -= 1;
      desk.isStirred = true;
    });
}

function dataOf(desk: Announcing, event: EventName, restraint: Restraint, lifted: EventData['lifted']): EventData {
  const { service, by } = restraint;
  const isRestrained = event === 'restrained' || desk.restraints.some((one) => isInForce(one, Date.now()));
  return {
    format: 1,
    about: 'environment',
    event,
    environment: desk.environment,
    ...(service === undefined ? {} : { service }),
    requestedBy: lifted?.by ?? by,
    phase: isRestrained ? 'restrained' : 'open',
    restraint,
    ...(lifted === undefined ? {} : { lifted }),
  };
}
