/** Where the SDK may take two workflow tasks for one. */
import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

/** temporal.api.enums.v1.EventType */
const TASK_SCHEDULED = 5;
const TASK_STARTED = 6;
const TASK_COMPLETED = 7;
const UPDATES: readonly unknown[] = [41, 42, 43];

/**
 * The ids of tasks' starts that core reads as one with the task after them: neither this task nor the one before it gave a command, and
 * an update made the server schedule the next one at once (`find_end_index_of_next_wft_seq` of `history_update.rs`).
 */
export function readAsOne({ events }: History): readonly number[] {
  const found: number[] = [];
  let hasCommand = false;
  const all = events ?? [];
  for (const [index, event] of all.entries()) {
    hasCommand ||= isCommand(event);
    if (event.eventType !== TASK_STARTED) continue;
    const [next, second] = all.slice(index + 1, index + 3);
    if (next?.eventType !== TASK_COMPLETED) continue;
    if (!hasCommand && second?.eventType === TASK_SCHEDULED) found.push(Number(event.eventId));
    hasCommand = false;
  }
  return found;
}

function isCommand(event: Event): boolean {
  return UPDATES.includes(event.eventType) || Object.entries(event).some(([key, value]) => isOfCommand(key, value));
}

function isOfCommand(key: string, attributes: unknown): boolean {
  return (
    key.endsWith('EventAttributes') &&
    typeof attributes === 'object' &&
    attributes !== null &&
    Object.hasOwn(attributes, 'workflowTaskCompletedEventId')
  );
}
