/** A release: one image, resolved once, promoted from environment to environment until the end of its path. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { PromotionInput, PromotionResult } from '../src/contract/promotion-workflow.ts';
import { type ReleaseInput, type ReleaseResult, releaseStatusQuery } from '../src/contract/release-workflow.ts';
import type { Entry } from '../src/contract/plan.ts';
import { ENVIRONMENT, OUTCOME } from '../src/contract/search-attributes.ts';
import type { Outcome } from '../src/contract/status.ts';
import { runPromotion } from './steps/child-promotion.ts';
import { keepEvidence, placesFor } from './steps/evidence.ts';
import { allTold } from './steps/notices.ts';
import { betweenPromotions, listenForReleaseOrders, throwIfAborted } from './steps/release-orders.ts';
import { changeLeg, changeRelease, openRelease, type ReleaseRun } from './steps/release-run.ts';
import { resolve, type Resolved } from './steps/resolve.ts';
import { Ending, now } from './steps/run.ts';
import { tellRelease } from './steps/telling.ts';

export async function release(input: ReleaseInput): Promise<ReleaseResult> {
  const run = openRelease(input);
  setHandler(releaseStatusQuery, () => run.status);
  listenForReleaseOrders(run);

  const promotions: PromotionResult[] = [];
  const outcome = await travel(run, promotions);

  const places = placesFor(promotions, run.keepers);
  changeRelease(run, { phase: 'finished', outcome, endedAt: now(), evidenceIn: places });
  upsertSearchAttributes([{ key: OUTCOME, value: outcome.kind }]);
  tellRelease(run, outcome.kind);
  if (!allHandlersFinished()) await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  await allTold(run.notices);
  const { service, version } = input;
  if (run.timing !== undefined) await keepEvidence({ service, version, places, timing: run.timing });
  const { image } = run.status;
  return {
    ...{ service, version },
    ...(image === undefined ? {} : { image }),
    outcome,
    promotions,
  };
}

async function travel(run: ReleaseRun, promotions: PromotionResult[]): Promise<Outcome> {
  try {
    const resolved = await resolve(run);
    for (const environment of resolved.path) {
      await betweenPromotions(run);
      const result = await promote(run, resolved, environment, promotions);
      promotions.push(result);
      if (result.outcome.kind !== 'released')
        return { ...result.outcome, reason: `${environment}: ${result.outcome.reason}` };
    }
    throwIfAbortedTooLate(run);
    return { kind: 'released', reason: `${run.input.service} ${run.input.version} is in ${resolved.path.join(', ')}` };
  } catch (error) {
    if (error instanceof Ending) return error.outcome;
    if (isCancellation(error)) return { kind: 'aborted', reason: 'cancelled from outside' };
    if (error instanceof WorkflowExecutionAlreadyStartedError) return takenBy(error);
    throw error;
  }
}

async function promote(
  run: ReleaseRun,
  { path, image, timing }: Resolved,
  environment: string,
  before: readonly PromotionResult[],
): Promise<PromotionResult> {
  const { service, version, manifests, requestedBy } = run.input;
  const source = path[Math.max(0, path.indexOf(environment) - 1)] ?? environment;
  const input: PromotionInput = {
    service,
    version,
    environment,
    source,
    image,
    manifests,
    requestedBy,
    timing,
    entry: entryOf(run, before),
    ...(run.input.priority === undefined ? {} : { priority: run.input.priority }),
    ...(run.notices.interests.length === 0 ? {} : { notify: run.notices.interests }),
  };
  changeLeg(run, environment, { state: 'running' });
  upsertSearchAttributes([{ key: ENVIRONMENT, value: environment }]);
  const result = await runPromotion(input, {
    reuse: 'REJECT_DUPLICATE',
    summary: `${service} ${version} → ${environment}`,
  });
  const { outcome, runId } = result;
  changeLeg(run, environment, { state: 'finished', outcome, ...(runId === undefined ? {} : { runId }) });
  return result;
}

/** The release itself is forgotten sooner than a promotion that brought its version back somewhere. */
function takenBy({ workflowId }: WorkflowExecutionAlreadyStartedError): Outcome {
  const message = `${workflowId} exists already, by a roll-back or by an earlier release of this version`;
  const remedy = 'release the image under a new version';
  return { kind: 'refused', reason: message, refusal: { code: 'version-taken', message, remedy } };
}

/** What gates may want to know of the release: what it says of itself, and where it has been proven well since when. */
function entryOf({ input, status }: ReleaseRun, before: readonly PromotionResult[]): Entry {
  const passed = before.map(({ environment, evidence }) => ({
    environment,
    version: input.version,
    digest: status.image?.digest ?? '',
    since: evidence.filter((one) => one.state === 'done').at(-1)?.endedAt ?? '',
  }));
  return {
    passed,
    ...(input.ticket === undefined ? {} : { ticket: input.ticket }),
    ...(input.allowOlder === undefined ? {} : { allowOlder: input.allowOlder }),
  };
}

/** An abort that arrived while the last promotion was ending has nothing left to stop. */
function throwIfAbortedTooLate(run: ReleaseRun): void {
  const last = run.status.legs.at(-1);
  if (last?.outcome?.kind !== 'released') throwIfAborted(run);
}
