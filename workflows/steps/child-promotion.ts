/** Starting a promotion and waiting for its end: the same for a release and for a roll-back. */
import { startChild } from '@temporalio/workflow';
import { PROMOTION, type PromotionInput, type PromotionResult } from '../../src/contract/promotion-workflow.ts';
import type { ReleaseMemo } from '../../src/contract/release-workflow.ts';
import { DIGEST, ENVIRONMENT, SERVICE, VERSION } from '../../src/contract/search-attributes.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';

interface Kind {
  /** A version enters an environment once; a roll-back brings it there again, under the same id. */
  readonly reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE';
  readonly summary: string;
  /** Told which run it is as soon as it exists. */
  readonly begun?: (runId: string) => void;
}

/** Throws WorkflowExecutionAlreadyStartedError. */
export async function runPromotion(input: PromotionInput, { reuse, summary, begun }: Kind): Promise<PromotionResult> {
  const { service, version, environment, image } = input;
  const child = await startChild<(input: PromotionInput) => Promise<PromotionResult>>(PROMOTION, {
    workflowId: promotionId(service, version, environment),
    args: [input],
    workflowIdReusePolicy: reuse,
    parentClosePolicy: 'REQUEST_CANCEL',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    staticSummary: summary,
    // a release says it for all of its promotions
    ...(input.rollback === undefined
      ? {}
      : { memo: { requestedBy: input.requestedBy } satisfies Partial<ReleaseMemo> }),
    typedSearchAttributes: [
      { key: SERVICE, value: service },
      { key: VERSION, value: version },
      { key: ENVIRONMENT, value: environment },
      { key: DIGEST, value: image.digest },
    ],
  });
  begun?.(child.firstExecutionRunId);
  return child.result();
}
