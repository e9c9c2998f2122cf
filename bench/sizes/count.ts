/** What a history costs: its events, its bytes, and what Temporal Cloud would bill for it. */
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';

export interface Size {
  readonly events: number;
  /** Encoded as the server keeps it, before a database compresses it. */
  readonly bytes: number;
  /** Billable actions that leave an event; {@link NOT_IN_HISTORIES} come on top. */
  readonly actions: number;
}

/** What is billed and leaves no event (docs.temporal.io/cloud/actions-usage, "Excluded Billable Actions"). */
export const NOT_IN_HISTORIES = ['heartbeats', 'queries', 'updates that were refused', 'exports'] as const;

const { enums, history: histories } = proto.temporal.api;
const { EventType } = enums.v1;
type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

/**
 * docs.temporal.io/cloud/actions, as of 2026: one for each of these events. A child is two: the intent stands in the parent's history, the
 * start in its own. An activity is one for each attempt. A signal counts once, with whoever is told.
 */
const ONE_EACH = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
]);

/** Set by the SDK for `patched()`; exempt. */
const CHANGE_VERSION = 'TemporalChangeVersion';

/** Of one history in the JSON of `temporal workflow show --output json`. Throws for what is none. */
export function sizeOf(json: unknown): Size {
  const history = historyFromJSON(json);
  const events = history.events ?? [];
  if (events.length === 0)
    throw new TypeError('no history: expected what "temporal workflow show --output json" prints');
  const bytes = histories.v1.History.encode(history).finish().length;
  // all markers of one workflow task are one action
  const marked = new Set(
    events.flatMap((one) => one.markerRecordedEventAttributes?.workflowTaskCompletedEventId ?? []).map(String),
  );
  return { events: events.length, bytes, actions: events.reduce((sum, one) => sum + actionsOf(one), marked.size) };
}

function actionsOf(event: HistoryEvent): number {
  if (event.activityTaskStartedEventAttributes != null) return event.activityTaskStartedEventAttributes.attempt ?? 1;
  const attributes = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  if (attributes != null) return Object.keys(attributes).some((name) => name !== CHANGE_VERSION) ? 1 : 0;
  return event.eventType != null && ONE_EACH.has(event.eventType) ? 1 : 0;
}

/** Of several together. */
export function sumOf(sizes: readonly Size[]): Size {
  return sizes.reduce(
    (sum, one) => ({
      events: sum.events + one.events,
      bytes: sum.bytes + one.bytes,
      actions: sum.actions + one.actions,
    }),
    { events: 0, bytes: 0, actions: 0 },
  );
}
