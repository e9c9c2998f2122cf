/** One leg of a release: brings one image into one environment, or leaves the environment as it was. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type PromotionInput, type PromotionResult, statusQuery } from '../src/contract/promotion-workflow.ts';
import type { Outcome } from '../src/contract/status.ts';
import { agree } from './steps/agreement.ts';
import { listenForApprovals } from './steps/approval.ts';
import { conclude, enter, settle } from './steps/journal.ts';
import { allTold } from './steps/notices.ts';
import { JOURNEY } from './steps/journey.ts';
import { listenForOrders } from './steps/orders.ts';
import { listenForOverrides } from './steps/override.ts';
import { perform } from './steps/perform.ts';
import { Ending, openRun, type PromotionRun } from './steps/run.ts';
import { listenForRestraints } from './steps/safe-point.ts';
import { giveTurnBack, listenForTurns } from './steps/turn.ts';
import { tell } from './steps/telling.ts';
import { undoEverything } from './steps/undoing.ts';

export async function promotion(input: PromotionInput): Promise<PromotionResult> {
  const run = openRun(input);
  setHandler(statusQuery, () => run.status);
  listenForOrders(run);
  listenForApprovals(run);
  listenForOverrides(run);
  listenForTurns(run);
  listenForRestraints(run);

  tell(run, 'started');
  const outcome = await follow(run);

  await giveTurnBack(run, outcome);
  conclude(run, outcome);
  if (!allHandlersFinished()) await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  await allTold(run.notices);
  return {
    environment: input.environment,
    outcome,
    ...(run.planned === undefined ? {} : { planDigest: run.planned.planDigest }),
    evidence: run.status.steps,
    runId: workflowInfo().runId,
  };
}

async function follow(run: PromotionRun): Promise<Outcome> {
  try {
    await agree(run);
    enter(run, 'working');
    tell(run, 'working');
    for (const step of JOURNEY) await perform(run, step);
    return {
      kind: 'released',
      reason: `${run.input.environment} runs ${run.input.service} ${run.input.version}, proven by digest`,
    };
  } catch (error) {
    const outcome = endOf(error);
    settle(run, outcome);
    const givenUp = await undoEverything(run);
    return givenUp.length === 0
      ? outcome
      : { ...outcome, reason: `${outcome.reason} (not undone: ${givenUp.join('; ')})` };
  }
}

/** What ended the journey: a decision, or a cancellation from outside. Anything else is a defect and stays one. */
function endOf(error: unknown): Outcome {
  if (error instanceof Ending) return error.outcome;
  if (isCancellation(error)) return { kind: 'aborted', reason: 'cancelled from outside' };
  throw error;
}
