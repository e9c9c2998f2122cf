/** Workflow `notification`: brings one event to its receivers. Id `notification/<id of the event>`. */
import type { Refusal } from '../domain/error-code.ts';
import type { SluiceEvent } from '../domain/notification.ts';

export const NOTIFICATION = 'notification';

export interface NotificationInput {
  readonly event: SluiceEvent;
  /** Names of receivers, as `sluice.yaml` has them. */
  readonly receivers: readonly string[];
}

export type Delivery =
  | { readonly receiver: string; readonly delivered: true; readonly summary: string; readonly at?: string }
  | { readonly receiver: string; readonly delivered: false; readonly refusal: Refusal };

export interface NotificationResult {
  readonly deliveries: readonly Delivery[];
}
