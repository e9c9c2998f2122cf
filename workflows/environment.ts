/**
 * One environment's desk: gives each service's lease to one promotion at a time, keeps stops and holds, and knows what runs here since
 * when. It lives on: when its history has grown it begins a new run with its state.
 */
import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { DESK_RUN_LENGTH, type EnvironmentInput, environmentQuery } from '../src/contract/environment-workflow.ts';
import { type Desk, forgetEnded, nextMomentMs, openDesk, stateOf, statusOf } from './environment/desk.ts';
import { showDesk } from './environment/details.ts';
import { giveLeases, listenForLeases } from './environment/leases.ts';
import { recall } from './environment/recall.ts';
import { listenForRestraints } from './environment/restraints.ts';
import { LOOK_AGAIN_MS, WRITE_WAIT_MS } from './steps/activity-options.ts';

/** Of runs that were begun by an older engine. Never change it: their histories would not replay. */
const UNTOLD_RUN_LENGTH = 4_000;
/** A run that begins anew before it has done anything would do so for ever. */
const SHORTEST_RUN = 50;

export async function environment(input: EnvironmentInput): Promise<void> {
  const desk = openDesk(input);
  setHandler(environmentQuery, () => statusOf(desk));
  listenForLeases(desk);
  listenForRestraints(desk);
  void recall(desk);

  // telling everybody who waits where they stand is how a run begins, and does not count: it may be long itself
  let opening: number | undefined;
  while (opening === undefined || !isLong(opening, input.runLength)) {
    forgetEnded(desk);
    giveLeases(desk);
    showDesk(desk);
    if (desk.telling === 0) opening ??= workflowInfo().historyLength;
    await untilStirred(desk, nextMomentMs(desk), () => opening === undefined && desk.telling === 0);
  }

  // a late write by this run must not undo an earlier one of the next
  const patientUntilMs = Date.now() + WRITE_WAIT_MS;
  const isWritten = (): boolean => !desk.isWriting || Date.now() >= patientUntilMs;
  // whoever is being told something is told it by this run; what arrives meanwhile is kept for the next one
  const isQuiet = (): boolean => isWritten() && desk.telling === 0 && allHandlersFinished();
  while (!isQuiet()) await untilStirred(desk, isWritten() ? undefined : patientUntilMs, isQuiet);
  await continueAsNew<typeof environment>({ runLength: DESK_RUN_LENGTH, ...input, state: stateOf(desk) });
}

/**
 * No deadline: an environment waits for as long as it exists. There is a timer all the same, also where nothing happens by itself: it is
 * set anew at each round, and so no task in which something has changed ends without a command. Of two that do, the SDK may make one
 * when a worker reads them that has seen neither, and two when the next one does (sdk-rust#1146): they would not agree on what happened.
 */
async function untilStirred(desk: Desk, atMs: number | undefined, isDue: () => boolean): Promise<void> {
  const remaining = atMs === undefined ? LOOK_AGAIN_MS : Math.min(Math.max(atMs - Date.now(), 1), LOOK_AGAIN_MS);
  await condition(() => desk.isStirred || isDue(), remaining, { summary: 'looks again' });
  desk.isStirred = false;
}

function isLong(opening: number, runLength = UNTOLD_RUN_LENGTH): boolean {
  return workflowInfo().historyLength - opening > Math.max(runLength, SHORTEST_RUN);
}
