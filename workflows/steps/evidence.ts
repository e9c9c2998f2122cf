/** Handing over to the workflow that keeps evidence, as the last thing that a release or a roll-back does. */
import { CancellationScope, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { EVIDENCE_WORKFLOW, type EvidenceInput } from '../../src/contract/evidence-workflow.ts';
import type { PromotionResult } from '../../src/contract/promotion-workflow.ts';
import { ENVIRONMENT, SERVICE, VERSION } from '../../src/contract/search-attributes.ts';
import { evidenceId } from '../../src/contract/workflow-ids.ts';
import type { Timing } from '../../src/domain/rulebook.ts';

interface Ended {
  readonly service: string;
  readonly version: string;
  /** In the first of these that can. */
  readonly places: readonly string[];
  readonly timing: Timing;
  /** Where a roll-back was: the evidence of the release itself may still be on its way, and would be taken for this one. */
  readonly rollbackIn?: string;
}

/**
 * From the last environment that was entered back to the first, whose registry holds the image in any case: where the last one has taken
 * it away again, an earlier one keeps it. Without `keepers` (an older engine said nothing of them): the last one that has signed a record.
 */
export function placesFor(
  promotions: readonly PromotionResult[],
  keepers: readonly string[] | undefined,
): readonly string[] {
  const entered = (keepers === undefined ? promotions.filter(hasRecord).slice(-1) : promotions).map(
    (one) => one.environment,
  );
  return [...new Set(entered)].filter((one) => keepers?.includes(one) ?? true).reverse();
}

/** Resolves when the server has taken note; a child of that name that still runs does the same. */
export async function keepEvidence({ service, version, places, timing, rollbackIn }: Ended): Promise<void> {
  const [environment, ...further] = places;
  if (environment === undefined) return;
  const { workflowId, runId } = workflowInfo();
  const elsewhere = further.length === 0 ? {} : { further };
  const input: EvidenceInput = { service, version, environment, of: { workflowId, runId }, timing, ...elsewhere };
  const start = () =>
    startChild(EVIDENCE_WORKFLOW, {
      workflowId: evidenceId(service, version, rollbackIn),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `evidence of ${service} ${version}`,
      typedSearchAttributes: [
        { key: SERVICE, value: service },
        { key: VERSION, value: version },
        { key: ENVIRONMENT, value: environment },
      ],
    });
  try {
    await CancellationScope.nonCancellable(start);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function hasRecord({ evidence }: PromotionResult): boolean {
  return evidence.some(
    ({ step, state, facts }) => step === 'record' && state === 'done' && facts?.['record'] !== undefined,
  );
}
