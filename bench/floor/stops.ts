/**
 * The floor of a stop: a workflow with as many activities before it as a promotion, which takes one signal in where the promotion does,
 * and where the promotion stands still shows it by the same search attribute and a line of details.
 */
import {
  condition,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { WAITING_FOR } from '../../src/contract/search-attributes.ts';
import type { FloorActivities, FloorLeg } from './shape.ts';

export const stopFloor = defineSignal<[boolean]>('stop');

export interface StoppableLeg extends FloorLeg {
  /** Steps up to the safe point at which it stands still. */
  readonly before: number;
}

export async function floorStoppable({ queue, steps, before }: StoppableLeg): Promise<void> {
  const { act } = proxyActivities<FloorActivities>({ taskQueue: queue, startToCloseTimeout: '1 hour' });
  let isStopped = false;
  setHandler(stopFloor, (stopped) => {
    isStopped = stopped;
  });
  for (const step of steps.slice(0, before)) await act({ step });
  if (isStopped) {
    show('stop');
    await condition(() => !isStopped, '1 hour');
    show(null);
  }
  for (const step of steps.slice(before)) await act({ step });
}

function show(waitingFor: string | null): void {
  setCurrentDetails(waitingFor === null ? 'goes on' : 'stopped');
  upsertSearchAttributes([{ key: WAITING_FOR, value: waitingFor }]);
}
