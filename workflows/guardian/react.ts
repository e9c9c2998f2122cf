/** A hold or a roll-back because of what was found: through the desk and the workflow that people use as well, once for each finding. */
import { ChildWorkflowCancellationType, isCancellation, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { LookAnswer, Reaction } from '../../src/contract/guardian-workflow.ts';
import {
  ROLLBACK,
  type RollbackInput,
  type RollbackResult,
  rollbackStart,
} from '../../src/contract/rollback-workflow.ts';
import type { Outcome } from '../../src/contract/status.ts';
import { findingLine } from '../../src/domain/finding.ts';
import { cutAfter } from '../../src/domain/plain-text.ts';
import { guardHands } from '../steps/activity-options.ts';
import { refusalFrom } from '../steps/trouble.ts';
import type { Guard } from './guard.ts';
import { show } from './show.ts';

/** Who holds and goes back, as people read it. */
const BY = 'guardian';
/** A reason is read in one line. */
const LONGEST = 500;

/** `tellAgain`: what was told of has come out otherwise. */
export async function react(
  guard: Guard,
  answer: LookAnswer & { readonly kind: 'seen' },
  tellAgain: () => Promise<void>,
): Promise<void> {
  if (answer.wanted === 'hold') await hold(guard, reasonOf(guard));
  if (answer.wanted !== 'rollback') return;
  const outcome = await goBack(guard);
  change(guard, { outcome: outcome.kind });
  // whoever brought it back tells what is right now
  if (outcome.kind === 'released') {
    guard.first = 'now';
    return;
  }
  await hold(guard, `${reasonOf(guard)}; it could not go back: ${outcome.reason}`);
  change(guard, { kind: 'hold', because: outcome.reason });
  await tellAgain();
}

async function hold({ environment, service }: Guard, reason: string): Promise<void> {
  const said = { kind: 'hold', service, by: BY, reason } as const;
  const summary = `hold on ${service} in ${environment}`;
  await guardHands().restrain.executeWithOptions({ summary }, [{ environment, said }]);
}

/** Waits for its end, days if people are asked; what is right meanwhile nobody can say. */
async function goBack(guard: Guard): Promise<Outcome> {
  const { environment, service } = guard;
  guard.goesBack = true;
  show(guard);
  try {
    const input: RollbackInput = { service, environment, reason: reasonOf(guard), requestedBy: BY };
    const child = await startChild<(input: RollbackInput) => Promise<RollbackResult>>(ROLLBACK, {
      ...rollbackStart(input),
      args: [input],
      // it is somebody's way out: it goes on whatever becomes of the guardian
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
    return (await child.result()).outcome;
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError))
      return { kind: 'aborted', reason: refusalFrom(error).message };
    return { kind: 'refused', reason: 'a roll-back of somebody else is under way there' };
  } finally {
    guard.goesBack = false;
  }
}

function change(guard: Guard, fields: Partial<Reaction>): void {
  if (guard.reaction !== undefined) guard.reaction = { ...guard.reaction, ...fields };
  show(guard);
}

function reasonOf({ findings }: Guard): string {
  const lines = findings.map(findingLine).join('; ');
  return cutAfter(lines, LONGEST);
}
