/** Telling one receiver of one event. Whatever prevents it is tried again for a while; no release waits for it. */
import type { NotifyRequest, StepAnswer } from '../src/contract/activities.ts';
import { isEventId, type SluiceEvent } from '../src/domain/notification.ts';
import type { Notifier } from '../src/ports/notifier.ts';
import { failureOf } from './failures.ts';

/** Events are far smaller; anybody who may write to the namespace can start a notification by hand. */
const MOST_CHARACTERS = 128 * 1024;

export async function notify(notifier: Notifier, { receiver, event }: NotifyRequest, now: Date): Promise<StepAnswer> {
  const malformed = malformedEvent(event);
  if (malformed !== undefined) return { ok: false, refusal: { code: 'input-invalid', message: malformed } };
  try {
    const { summary } = await notifier.tell(receiver, event);
    return { ok: true, summary, facts: { event: event.id }, at: now.toISOString() };
  } catch (error) {
    throw failureOf(error);
  }
}

/** The id is signed in front of the body: one with a dot could shift what is signed. */
export function malformedEvent(event: SluiceEvent | undefined): string | undefined {
  if (event?.specversion !== '1.0' || !isEventId(event.id)) return 'expected an event of Sluice';
  return JSON.stringify(event).length > MOST_CHARACTERS ? 'the event is larger than any honest one' : undefined;
}
