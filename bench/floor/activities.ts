/** The floor's only activity: nothing, or a wait where the journey's step is made to wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { untilGone } from '../journey/held.ts';
import type { Setting } from '../journey/setting.ts';
import type { FloorActivities } from './shape.ts';

export function createFloorActivities({ slow, slowMs, held }: Setting): FloorActivities {
  return {
    async act({ step }) {
      if (slowMs > 0 && slow.includes(step)) await sleep(slowMs);
      if (held?.steps.includes(step) === true) await untilGone(held.untilGone);
      return 1;
    },
  };
}
