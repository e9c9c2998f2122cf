/** Starting and asking releases in tests, as any client would. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { ApprovalStatement } from '../../src/domain/approval.ts';
import { statusQuery } from '../../src/contract/promotion-workflow.ts';
import {
  RELEASE,
  type ReleaseInput,
  type ReleaseResult,
  releaseStatusQuery,
} from '../../src/contract/release-workflow.ts';
import type { PromotionStatus, ReleaseStatus } from '../../src/contract/status.ts';
import { ENGINE_QUEUE } from '../../src/contract/task-queues.ts';
import { promotionId, releaseId } from '../../src/contract/workflow-ids.ts';
import { IMAGE, MANIFESTS } from './scripted-activities.ts';

export type Release = WorkflowHandle<(input: ReleaseInput) => Promise<ReleaseResult>>;

let serial = 0;

/** A version that no other test of this process uses. */
export function aVersion(): string {
  serial += 1;
  return `1.0.${serial}`;
}

export async function startRelease(
  client: Client,
  version: string,
  fields: Partial<ReleaseInput> = {},
): Promise<Release> {
  const input: ReleaseInput = {
    service: 'iam',
    version,
    image: `${IMAGE.repository}@${IMAGE.digest}`,
    manifests: MANIFESTS,
    requestedBy: 'pipeline',
    ...fields,
  };
  return client.workflow.start(RELEASE, {
    workflowId: releaseId(input.service, version),
    taskQueue: ENGINE_QUEUE,
    args: [input],
  }) as Promise<Release>;
}

export function promotionOf(client: Client, version: string, environment: string): WorkflowHandle {
  return client.workflow.getHandle(promotionId('iam', version, environment));
}

export function statusOf(client: Client, version: string, environment: string): Promise<PromotionStatus> {
  return promotionOf(client, version, environment).query(statusQuery);
}

export function releaseStatusOf(client: Client, version: string): Promise<ReleaseStatus> {
  return client.workflow.getHandle(releaseId('iam', version)).query(releaseStatusQuery);
}

/** Asks until the promotion exists and `is` holds; the test's own timeout ends a wait that never comes true. */
export async function until(
  client: Client,
  version: string,
  environment: string,
  is: (status: PromotionStatus) => boolean,
): Promise<PromotionStatus> {
  for (;;) {
    const status = await statusOf(client, version, environment).catch(() => undefined);
    if (status !== undefined && is(status)) return status;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Its desk has told it where it stands. Who has only just asked waits as well, and does not know it yet. */
export function hasPlace({ phase, waiting }: PromotionStatus): boolean {
  return phase === 'waiting-for-turn' && waiting?.reason.startsWith('number ') === true;
}

export function answerBy(
  approver: string,
  status: PromotionStatus,
  fields: Partial<ApprovalStatement> = {},
): ApprovalStatement {
  return { decision: 'approve', approver, planDigest: status.planDigest ?? 'none', ...fields };
}
