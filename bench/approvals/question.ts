/** Releases that ask one person, and the person's answer. */
import { until } from '../../local/tools/until.ts';
import { approveUpdate, statusQuery } from '../../src/contract/promotion-workflow.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import { serviceName, VERSION } from '../journey/setting.ts';
import type { Rig } from '../rig.ts';

export const PATH = ['dev', 'production'];
export const WAITING_IN = 'production';
export const APPROVER = 'ada';
/** A thousand releases that start at once keep two cores busy for minutes. */
const LONGEST_MS = 10 * 60_000;

export function promotionOf(index: number): string {
  return promotionId(serviceName(index), VERSION, WAITING_IN);
}

/** Resolves to the digest of the plan that it asks about. */
export async function untilAsked(rig: Rig, workflowId: string): Promise<string> {
  return until(
    async () => {
      const status = await rig.client.workflow.getHandle(workflowId).query(statusQuery);
      return status.phase === 'waiting-for-approval' ? status.planDigest : undefined;
    },
    { what: `${workflowId} asks for approval`, timeoutMs: LONGEST_MS, everyMs: 5 },
  );
}

export async function approve(rig: Rig, workflowId: string, planDigest: string): Promise<void> {
  const handle = rig.client.workflow.getHandle(workflowId);
  await handle.executeUpdate(approveUpdate, { args: [{ decision: 'approve', approver: APPROVER, planDigest }] });
}
