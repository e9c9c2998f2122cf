/** One promotion staging → production of the local stack, started by itself: no release around it, nobody who is asked. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { PROMOTION, type PromotionInput, type PromotionResult } from '../../src/contract/promotion-workflow.ts';
import { ENGINE_QUEUE } from '../../src/contract/task-queues.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';

const TIMING = { heartbeatMs: 5_000, retryForMs: 120_000, attentionForMs: 600_000, pauseForMs: 600_000 };

/** Scripts ask nobody, so neither does this production. */
export function withoutApprovals(file: string): void {
  const document = parse(readFileSync(file, 'utf8')) as { environments: Record<string, Record<string, unknown>> };
  delete document.environments['production']?.['approvals'];
  writeFileSync(file, stringify(document, { lineWidth: 0 }));
}

export function intoProduction(version: string, digest: string, manifests: string): PromotionInput {
  const image = { repository: 'iam', digest };
  const where = { environment: 'production', source: 'staging' };
  return { service: 'iam', version, ...where, image, manifests, requestedBy: 'bench', timing: TIMING };
}

export async function promote(client: Client, input: PromotionInput): Promise<void> {
  const result: PromotionResult = await client.workflow.execute(PROMOTION, {
    workflowId: promotionId(input.service, input.version, input.environment),
    taskQueue: ENGINE_QUEUE,
    args: [input],
  });
  if (result.outcome.kind !== 'released') throw new Error(`${result.outcome.kind}: ${result.outcome.reason}`);
}
