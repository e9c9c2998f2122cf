/**
 * One environment's desk: gives each service's lease to one promotion at a time, keeps stops and holds, and knows what runs here since
 * when. It lives on: when its history has grown it begins a new run with its state.
 */
import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { type EnvironmentInput, environmentQuery } from '../src/contract/environment-workflow.ts';
import { nextMomentMs, openDesk, stateOf, statusOf, type Desk } from './environment/desk.ts';
import { showDesk } from './environment/details.ts';
import { giveLeases, listenForLeases } from './environment/leases.ts';
import { listenForRestraints } from './environment/restraints.ts';

/** Far below the server's limit of 51,200 events, and small enough to be read again in a moment. */
const LONGEST_HISTORY = 4_000;

export async function environment(input: EnvironmentInput): Promise<void> {
  const desk = openDesk(input);
  setHandler(environmentQuery, () => statusOf(desk));
  listenForLeases(desk);
  listenForRestraints(desk);

  while (!isLong()) {
    giveLeases(desk);
    showDesk(desk);
    await untilSomethingHappens(desk);
  }

  // whoever is being told something is told it by this run; what arrives meanwhile is kept for the next one
  await condition(() => desk.telling === 0 && allHandlersFinished());
  await continueAsNew<typeof environment>({ environment: desk.environment, state: stateOf(desk) });
}

/** No deadline: an environment waits for as long as it exists. A timer runs only while something ends by itself or somebody queues. */
async function untilSomethingHappens(desk: Desk): Promise<void> {
  const isStirred = (): boolean => desk.isStirred;
  const atMs = nextMomentMs(desk);
  if (atMs === undefined) await condition(isStirred);
  else await condition(isStirred, Math.max(atMs - Date.now(), 1), { summary: 'a stop ends, or a holder is asked for' });
  desk.isStirred = false;
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONGEST_HISTORY;
}
