/** Telling one receiver of one event. Whatever prevents it is tried again for a while; no release waits for it. */
import type { NotifyRequest, StepAnswer } from '../src/contract/activities.ts';
import { isEventId, type SluiceEvent } from '../src/domain/notification.ts';
import type { Notifier, Told } from '../src/ports/notifier.ts';
import { PortError } from '../src/ports/port-error.ts';
import { failureOf } from './failures.ts';

/** Events are far smaller; anybody who may write to the namespace can start a notification by hand. */
const MOST_CHARACTERS = 128 * 1024;

/**
 * Events share the workers of the engine with the leases of promotions. A receiver that hangs keeps each attempt for ten seconds: so many of them
 * at a time, in each worker. Whoever finds no place gives its own back at once and comes again later, as if the receiver had said so.
 */
const AT_ONCE = 8;

export function createTelling(notifier: Notifier): (request: NotifyRequest, now: Date) => Promise<StepAnswer> {
  const underWay = new Map<string, number>();
  const countOf = (receiver: string): number => underWay.get(receiver) ?? 0;

  async function tell({ receiver, event }: NotifyRequest): Promise<Told> {
    if (countOf(receiver) >= AT_ONCE) throw busy(receiver);
    underWay.set(receiver, countOf(receiver) + 1);
    try {
      return await notifier.tell(receiver, event);
    } finally {
      if (countOf(receiver) > 1) underWay.set(receiver, countOf(receiver) - 1);
      else underWay.delete(receiver);
    }
  }

  return async (request, now) => {
    const malformed = malformedEvent(request.event);
    if (malformed !== undefined) return { ok: false, refusal: { code: 'input-invalid', message: malformed } };
    try {
      const { summary } = await tell(request);
      return { ok: true, summary, facts: { event: request.event.id }, at: now.toISOString() };
    } catch (error) {
      throw failureOf(error);
    }
  };
}

function busy(receiver: string): PortError {
  const message = `${AT_ONCE} events are on their way to ${receiver} already`;
  return new PortError('notification-throttled', message, { retry: 'yes' });
}

/** The id is signed in front of the body: one with a dot could shift what is signed. */
export function malformedEvent(event: SluiceEvent | undefined): string | undefined {
  if (event?.specversion !== '1.0' || !isEventId(event.id)) return 'expected an event of Sluice';
  return JSON.stringify(event).length > MOST_CHARACTERS ? 'the event is larger than any honest one' : undefined;
}
