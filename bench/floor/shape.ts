/** What the floor has to imitate: how many activities, on which task queue, in which child. */

export interface FloorRequest {
  readonly step: string;
}

export interface FloorActivities {
  /** Does nothing, or waits as long as the worker was told to for this step; answers 1. */
  act(request: FloorRequest): Promise<number>;
}

export interface FloorLeg {
  readonly queue: string;
  readonly steps: readonly string[];
}

export interface FloorShape {
  readonly id: string;
  /** Queues of the parent's own activities, in order. */
  readonly own: readonly string[];
  readonly legs: readonly FloorLeg[];
}

export const FLOOR_QUEUE = 'floor';

/** Of the workflows that both sides' desks serve. */
export const HOLDERS_QUEUE = 'holders';

export function floorQueue(environment: string): string {
  return `${FLOOR_QUEUE}-${environment}`;
}
