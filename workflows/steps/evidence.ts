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
  readonly promotions: readonly PromotionResult[];
  readonly timing: Timing;
}

/**
 * Beside the image in the last environment that has signed a record of it: only there does a worker hold the right to push. Resolves when
 * the server has taken note; a child of that name that still runs does the same.
 */
export async function keepEvidence({ service, version, promotions, timing }: Ended): Promise<void> {
  const environment = promotions.filter(hasRecord).at(-1)?.environment;
  if (environment === undefined) return;
  const { workflowId, runId } = workflowInfo();
  const input: EvidenceInput = { service, version, environment, of: { workflowId, runId }, timing };
  const start = () =>
    startChild(EVIDENCE_WORKFLOW, {
      workflowId: evidenceId(service, version),
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
