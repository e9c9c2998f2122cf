/**
 * What a desk that was opened anew learns before it lets anybody go: which stops and holds the environment remembers, and which of those
 * whom it let in last are still there. A desk that was lost forgets, its environment does not.
 */
import { isCancellation, sleep } from '@temporalio/workflow';
import type { Inside, RecallAnswer } from '../../src/contract/activities.ts';
import { withRestraint } from '../../src/domain/restraint.ts';
import { isLeaseRequest, type Lease } from '../../src/domain/turns.ts';
import { RECALL_AGAIN_MS, recallActivities } from '../steps/activity-options.ts';
import { whoHasEnded } from '../steps/still-there.ts';
import { refusalFrom } from '../steps/trouble.ts';
import { type Desk, stir } from './desk.ts';
import { tellAgain } from './leases.ts';
import { mustBeWritten, tellHolders, writeDown } from './restraints.ts';

/** Until everything has been read; a run that ends first leaves the rest to the next one. */
export async function recall(desk: Desk): Promise<void> {
  const { environment } = desk;
  const hands = recallActivities(environment);
  const summary = `what ${environment} remembers`;
  for (let isFirst = true; desk.unread !== undefined; isFirst = false) {
    const { services } = desk.unread;
    try {
      if (!isFirst) await sleep(RECALL_AGAIN_MS, { summary: `${summary}: reads again` });
      const request = { environment, ...(services === undefined ? {} : { services }) };
      const answer = await hands.recallEnvironment.executeWithOptions({ summary }, [request]);
      takeOver(desk, answer, await stillInside(answer.inside));
    } catch (error) {
      if (isCancellation(error)) return;
      const { code, message } = refusalFrom(error);
      desk.unread = { ...desk.unread, code, why: message };
    }
    stir(desk);
  }
}

async function stillInside(inside: readonly Inside[]): Promise<readonly Inside[]> {
  const those = inside.filter((one) => isLeaseRequest(leaseOf(one)));
  const ended = await whoHasEnded(those);
  return those.filter(({ runId }) => !ended.includes(runId));
}

/** What was said since the desk was opened is newer than what is remembered. */
function takeOver(desk: Desk, answer: RecallAnswer, inside: readonly Inside[]): void {
  const isFirst = desk.unread?.services === undefined;
  // of what concerns every service the others have told already, and it may have been lifted since
  const remembered = isFirst ? answer.restraints : answer.restraints.filter((one) => one.service !== undefined);
  desk.restraints = desk.restraints.reduce(withRestraint, remembered);
  desk.running = { ...answer.running, ...desk.running };
  desk.unread = answer.unread;
  const { turns } = desk;
  const known = inside.filter(({ runId }) => !desk.gone.has(runId));
  const leases = known.map((one): Lease => ({
    ...leaseOf(one),
    ...turns.queue.find(({ runId }) => runId === one.runId),
  }));
  desk.turns = {
    fence: Math.max(turns.fence, answer.fence),
    held: [...turns.held, ...leases],
    queue: turns.queue.filter(({ runId }) => !leases.some((one) => one.runId === runId)),
  };
  // who has asked again while nobody knew that it is inside hears so
  for (const { runId } of turns.queue) tellAgain(desk, runId);
  desk.gone.clear();
  if (!isFirst || desk.restraints.length > 0) mustBeWritten(desk);
  tellHolders(desk);
  void writeDown(desk);
}

/** How it asked is not remembered, and does not matter any more. */
function leaseOf({ service, version, workflowId, runId, fence, since }: Inside): Lease {
  return {
    ...{ service, version, workflowId, runId, fence, since, askedAt: since },
    ...{ policy: 'queue', priority: 'normal', passes: [] },
  };
}
