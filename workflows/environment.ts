/**
 * One environment's desk: gives each service's lease to one promotion at a time, keeps stops and holds, and knows what runs here since
 * when. It lives on: when its history has grown it begins a new run with its state.
 */
import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { type EnvironmentInput, environmentQuery } from '../src/contract/environment-workflow.ts';
import { type Desk, forgetEnded, nextMomentMs, openDesk, stateOf, statusOf } from './environment/desk.ts';
import { showDesk } from './environment/details.ts';
import { giveLeases, listenForLeases } from './environment/leases.ts';
import { listenForRestraints } from './environment/restraints.ts';
import { WRITE_WAIT_MS } from './steps/activity-options.ts';

/** Far below the server's limit of 51,200 events, and small enough to be read again in a moment. */
const RUN_LENGTH = 4_000;
/** A run that begins anew before it has done anything would do so for ever. */
const SHORTEST_RUN = 50;

export async function environment(input: EnvironmentInput): Promise<void> {
  const desk = openDesk(input);
  setHandler(environmentQuery, () => statusOf(desk));
  listenForLeases(desk);
  listenForRestraints(desk);

  giveLeases(desk);
  await condition(() => desk.telling === 0);
  // telling everybody who waits where they stand is how a run begins, and does not count: it may be long itself
  const opening = workflowInfo().historyLength;
  while (!isLong(opening, input.runLength)) {
    forgetEnded(desk);
    giveLeases(desk);
    showDesk(desk);
    await untilSomethingHappens(desk);
  }

  // a late write by this run must not undo an earlier one of the next
  await condition(() => !desk.isWriting, WRITE_WAIT_MS, { summary: `${desk.environment} writes it down` });
  // whoever is being told something is told it by this run; what arrives meanwhile is kept for the next one
  await condition(() => desk.telling === 0 && allHandlersFinished());
  await continueAsNew<typeof environment>({ ...input, state: stateOf(desk) });
}

/** No deadline: an environment waits for as long as it exists. A timer runs only while something ends by itself or somebody queues. */
async function untilSomethingHappens(desk: Desk): Promise<void> {
  const isStirred = (): boolean => desk.isStirred;
  const atMs = nextMomentMs(desk);
  if (atMs === undefined) await condition(isStirred);
  else await condition(isStirred, Math.max(atMs - Date.now(), 1), { summary: 'a stop ends, or a holder is asked for' });
  desk.isStirred = false;
}

function isLong(opening: number, runLength = RUN_LENGTH): boolean {
  return workflowInfo().historyLength - opening > Math.max(runLength, SHORTEST_RUN);
}
