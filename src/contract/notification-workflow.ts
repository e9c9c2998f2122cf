/** Workflow `notification`: brings one event to its receivers. Id `notification/<id of the event>`. */
import type { Refusal } from '../domain/error-code.ts';
import type { SluiceEvent } from '../domain/notification.ts';
import { ENVIRONMENT, SERVICE, VERSION } from './search-attributes.ts';
import { notificationId } from './workflow-ids.ts';

export const NOTIFICATION = 'notification';

/** How whoever tells an event starts it; an event whose workflow exists has been told before. */
export function notificationStart({ id, data }: SluiceEvent) {
  const { event, service, version, environment } = data;
  const what = [service, version].filter((one) => one !== undefined).join(' ');
  return {
    workflowId: notificationId(id),
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    staticSummary: `${event}: ${what}${environment === undefined ? '' : ` → ${environment}`}`,
    typedSearchAttributes: [
      ...(service === undefined ? [] : [{ key: SERVICE, value: service }]),
      ...(version === undefined ? [] : [{ key: VERSION, value: version }]),
      ...(environment === undefined ? [] : [{ key: ENVIRONMENT, value: environment }]),
    ],
  };
}

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
