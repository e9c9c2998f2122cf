/** `sluice notifications test`: one event about nothing to each receiver, once, from this machine. */
import { randomUUID } from 'node:crypto';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Config, ReceiverConnection } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { Refusal } from '../domain/error-code.ts';
import { type SluiceEvent, sluiceEvent } from '../domain/notification.ts';
import type { Notifier } from '../ports/notifier.ts';
import { shownError } from './shown-error.ts';

export type Trial =
  | { readonly receiver: string; readonly delivered: true; readonly summary: string }
  | { readonly receiver: string; readonly delivered: false; readonly refusal: Refusal };

export interface NotificationTrial {
  readonly event: SluiceEvent;
  readonly trials: readonly Trial[];
}

/** Throws `input-invalid` when there is no such receiver, or none at all. */
export async function testNotifications(
  { receivers }: Pick<Config, 'receivers'>,
  notifier: Notifier,
  { name, by, now }: { readonly name?: string | undefined; readonly by: string; readonly now: Date },
): Promise<NotificationTrial> {
  const names = receivers.map((one) => one.name);
  if (name !== undefined && !names.includes(name)) throw unknown(name, names);
  if (names.length === 0) throw nobody();
  const event = testEvent(by, now);
  const asked = receivers.filter((one) => name === undefined || one.name === name);
  const trials = await Promise.all(asked.map((one) => attempt(notifier, one, event)));
  return { event, trials };
}

async function attempt(notifier: Notifier, connection: ReceiverConnection, event: SluiceEvent): Promise<Trial> {
  const receiver = connection.name;
  try {
    const { summary } = await notifier.tell(receiver, event);
    return { receiver, delivered: true, summary };
  } catch (error) {
    const { problems: _, ...refusal } = shownError(error);
    if (refusal.code !== 'notification-misconfigured') return { receiver, delivered: false, refusal };
    const remedy = `give this machine, and the engine's worker, ${namesOf(connection)}`;
    return { receiver, delivered: false, refusal: { ...refusal, remedy } };
  }
}

/** The variables and files of a receiver by name; what is in them is nobody's business. */
function namesOf({ address, secret }: ReceiverConnection): string {
  const names = [address, secret].flatMap((one) => {
    if (one?.kind === 'variable') return [`the variable ${one.name}`];
    return one?.kind === 'file' ? [`the file ${one.path}`] : [];
  });
  return names.join(' and ') || 'what "notifications" names';
}

function testEvent(by: string, now: Date): SluiceEvent {
  return sluiceEvent({
    id: `test-${randomUUID()}`,
    namespace: 'none',
    subject: 'test',
    time: now.toISOString(),
    data: {
      format: 1,
      about: 'test',
      event: 'test',
      service: 'example',
      version: '0.0.0',
      requestedBy: by,
      phase: 'finished',
    },
  });
}

function unknown(name: string, names: readonly string[]): ReleaseEngineError {
  return new ReleaseEngineError('input-invalid', `no receiver is called "${name}"${didYouMean(name, names)}`, {
    expected: names.join(', ') || 'none is configured',
    got: name,
    remedy: 'write the name of an entry of "notifications"',
  });
}

function nobody(): ReleaseEngineError {
  return new ReleaseEngineError('input-invalid', 'the configuration names no receiver', {
    remedy: 'write "notifications" in sluice.yaml: docs/notifications.md',
  });
}
