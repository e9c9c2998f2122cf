/** Telling somebody outside of one event. Whoever receives it knows it by its id: telling it twice is telling it once. */
import type { SluiceEvent } from '../domain/notification.ts';

/** What the receiver said to it, in a few words without secrets. */
export interface Told {
  readonly summary: string;
}

export interface Notifier {
  /**
   * `receiver` is a name of the configuration. Throws PortError `notification-unreachable`, `notification-throttled`,
   * `notification-refused` (do not try again) or `notification-misconfigured`; their texts hold neither address nor secret.
   */
  tell(receiver: string, event: SluiceEvent): Promise<Told>;
}
