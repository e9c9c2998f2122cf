/**
 * The floor: Temporal workflows that do nothing but what Temporal itself needs for the same shape. As many activities on as
 * many task queues, as many children, the same updates; no plan, no status, no details, no search attributes.
 */
import { condition, defineUpdate, executeChild, proxyActivities, setHandler } from '@temporalio/workflow';
export { floorStoppable } from './stops.ts';
export { bareDesk, leaseHolder } from './turns.ts';
import type { FloorActivities, FloorLeg, FloorShape } from './shape.ts';

const LIMIT = { startToCloseTimeout: '1 minute' } as const;

function on(taskQueue: string): FloorActivities {
  return proxyActivities<FloorActivities>({ taskQueue, ...LIMIT });
}

/** A parent with some activities of its own and its children one after the other. */
export async function floorRelease(shape: FloorShape): Promise<number> {
  let done = 0;
  for (const queue of shape.own) done += await on(queue).act({ step: 'own' });
  for (const [index, leg] of shape.legs.entries()) {
    done += await executeChild(floorPromotion, { workflowId: `${shape.id}/${index}`, args: [leg] });
  }
  return done;
}

export async function floorPromotion(leg: FloorLeg): Promise<number> {
  let done = 0;
  for (const step of leg.steps) done += await on(leg.queue).act({ step });
  return done;
}

export const approveFloor = defineUpdate<number, [string]>('approve');

/** A parent that waits for its only child to be approved, as a release waits for its promotion. */
export async function floorAsking({ id, leg }: { readonly id: string; readonly leg: AskingLeg }): Promise<number> {
  return executeChild(floorApproval, { workflowId: id, args: [leg] });
}

export type AskingLeg = FloorLeg & { readonly before: number };

/** Some activities, a question that an update answers after an activity has looked at it, then the rest. */
export async function floorApproval(leg: AskingLeg): Promise<number> {
  let approved = 0;
  setHandler(approveFloor, async () => {
    approved += await on(leg.queue).act({ step: 'check' });
    return approved;
  });
  let done = 0;
  for (const step of leg.steps.slice(0, leg.before)) done += await on(leg.queue).act({ step });
  await condition(() => approved > 0, '1 hour');
  for (const step of leg.steps.slice(leg.before)) done += await on(leg.queue).act({ step });
  return done;
}
