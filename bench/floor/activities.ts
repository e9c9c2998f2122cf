/** The floor's only activity: nothing, or a wait where the journey's step is made to wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FloorActivities } from './shape.ts';

export function createFloorActivities(slow: readonly string[], slowMs: number): FloorActivities {
  return {
    async act({ step }) {
      if (slowMs > 0 && slow.includes(step)) await sleep(slowMs);
      return 1;
    },
  };
}
