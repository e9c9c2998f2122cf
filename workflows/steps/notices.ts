/**
 * Telling others without waiting for them: each event is a workflow of its own, which outlives this one and holds nothing up.
 * Only releases whose configuration names receivers tell anything; those of older engines know of none.
 */
import { CancellationScope, ParentClosePolicy, startChild, uuid4, workflowInfo } from '@temporalio/workflow';
import { NOTIFICATION, type NotificationInput, notificationStart } from '../../src/contract/notification-workflow.ts';
import {
  type EventData,
  type EventName,
  type Interest,
  listeners,
  sluiceEvent,
} from '../../src/domain/notification.ts';
import { OUTCOMES } from '../../src/domain/outcome.ts';

export interface Notices {
  interests: readonly Interest[];
  told: number;
  /** What it was waiting for when that was told last: asked again for the same, it is no news. */
  lastWait: string | undefined;
  /** Children that the server has not confirmed yet. */
  readonly starting: Promise<unknown>[];
}

/**
 * A workflow that goes round and round must not fill its history with telling: then only its end is told. Never change this
 * number: a history with more events would not replay.
 */
const MOST_EVENTS = 500;

export function openNotices(interests: readonly Interest[] = []): Notices {
  return { interests, told: 0, lastWait: undefined, starting: [] };
}

/** A wait of which nothing has changed that is `news` is told once. */
export function isNewWait(notices: Notices, news: readonly string[]): boolean {
  const key = JSON.stringify(news);
  const isNew = notices.lastWait !== key;
  notices.lastWait = key;
  return isNew;
}

/** Returns at once. `dataOf` is asked only when somebody listens. */
export function send(
  notices: Notices,
  { event, environment }: { readonly event: EventName; readonly environment?: string },
  dataOf: () => EventData,
): void {
  const receivers = listeners(notices.interests, event, environment);
  if (receivers.length === 0) return;
  if (notices.told >= MOST_EVENTS && !(OUTCOMES as readonly string[]).includes(event)) return;
  notices.told += 1;
  const { namespace, workflowId, originalExecutionRunId } = workflowInfo();
  // after a reset this tells a new event from the one that was told before it; the clock may show another time in a replay
  const id = `${originalExecutionRunId}-${notices.told}-${uuid4().slice(0, 8)}`;
  const data = dataOf();
  const time = new Date().toISOString();
  const input: NotificationInput = {
    event: sluiceEvent({ id, namespace, subject: workflowId, time, data }),
    receivers,
  };
  notices.starting.push(begin(input).catch(() => undefined));
}

/** Before a workflow ends: a child that the server has not taken note of would never be. No worker is needed for that. */
export async function allTold({ starting }: Notices): Promise<void> {
  await Promise.all(starting);
}

/** An event whose workflow exists has been told before: that is as good. */
function begin(input: NotificationInput): Promise<unknown> {
  return CancellationScope.nonCancellable(() =>
    startChild(NOTIFICATION, {
      ...notificationStart(input.event),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    }),
  );
}
