/** A notifier that remembers what it was told; failures come from a script. */
import type { SluiceEvent } from '../../domain/notification.ts';
import type { Notifier } from '../../ports/notifier.ts';
import { PortError } from '../../ports/port-error.ts';

export interface MemoryNotifier {
  readonly notifier: Notifier;
  /** What has arrived, in its order; the same event may be there more than once. */
  readonly told: readonly { readonly receiver: string; readonly event: SluiceEvent }[];
}

/** What the receiver answers to its nth telling, counted from 1; undefined: it takes it. */
export type MemoryAnswers = (receiver: string, time: number) => PortError | undefined;

export function createMemoryNotifier(
  receivers: readonly string[],
  answers: MemoryAnswers = () => undefined,
): MemoryNotifier {
  const told: { readonly receiver: string; readonly event: SluiceEvent }[] = [];
  const times = new Map<string, number>();
  const notifier: Notifier = {
    async tell(receiver, event) {
      if (!receivers.includes(receiver)) {
        throw new PortError('notification-misconfigured', `nobody is called ${receiver}`, { retry: 'no' });
      }
      const time = (times.get(receiver) ?? 0) + 1;
      times.set(receiver, time);
      const error = answers(receiver, time);
      if (error !== undefined) throw error;
      told.push({ receiver, event });
      return { summary: `${receiver} has it` };
    },
  };
  return { notifier, told };
}
