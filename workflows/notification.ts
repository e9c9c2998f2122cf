/** One event on its way to its receivers, each tried for a day. What does not arrive stands in the result, and holds nothing up. */
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { Delivery, NotificationInput, NotificationResult } from '../src/contract/notification-workflow.ts';
import type { SluiceEvent } from '../src/domain/notification.ts';
import { messengers } from './steps/activity-options.ts';
import { refusalFrom } from './steps/trouble.ts';

export async function notification({ event, receivers }: NotificationInput): Promise<NotificationResult> {
  const deliveries = await Promise.all(receivers.map((receiver) => deliver(event, receiver)));
  setCurrentDetails(deliveries.map(lineOf).join('\n'));
  return { deliveries };
}

async function deliver(event: SluiceEvent, receiver: string): Promise<Delivery> {
  try {
    const answer = await messengers().notify.executeWithOptions({ summary: `tell ${receiver}` }, [{ event, receiver }]);
    if (!answer.ok) return { receiver, delivered: false, refusal: answer.refusal };
    const { summary, at } = answer;
    return { receiver, delivered: true, summary, ...(at === undefined ? {} : { at }) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { receiver, delivered: false, refusal: refusalFrom(error) };
  }
}

function lineOf(delivery: Delivery): string {
  if (delivery.delivered) return `- ✓ ${delivery.receiver}: ${delivery.summary}`;
  return `- ✗ ${delivery.receiver}: ${delivery.refusal.message} (\`${delivery.refusal.code}\`)`;
}
