/** Letting one promotion pass closed gates: a signed yes to its plan that names them. */
import { type CommandAnswer, overrideUpdate } from '../contract/promotion-workflow.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import type { ApprovalStatement } from '../domain/approval.ts';
import { type AnswerRequest, openQuestion, stated } from './answers.ts';
import type { Engine } from './engine.ts';
import { assertShort } from './keys.ts';
import { asking } from './temporal-errors.ts';
import { runningPromotion } from './waiting-promotion.ts';

export interface OverrideRequest extends Omit<AnswerRequest, 'decision' | 'overrides' | 'bySignal'> {
  /** Names of the gates to pass. */
  readonly gates: readonly string[];
  readonly reason: string;
}

export interface GivenOverride {
  readonly workflowId: string;
  readonly statement: ApprovalStatement;
  readonly reply: CommandAnswer;
}

/** Throws `gate-override-refused`, every `approval-…` code, `release-finished`, `release-not-found`, `worker-missing`. */
export async function override(engine: Engine, { gates, ...request }: OverrideRequest): Promise<GivenOverride> {
  assertShort('reason', request.reason, 'approval-too-large');
  const workflowId = await runningPromotion(engine, request);
  const status = await openQuestion(engine, workflowId, request.plan);
  const asked = { ...request, decision: 'approve', overrides: gates } as const;
  const statement = await stated(engine, asked, workflowId, request.plan ?? status.planDigest ?? '', status.plan);
  const left = { look: `sluice status ${request.service} ${request.version}` };
  const attempted = { what: `override ${workflowId}`, workflowId, queue: ENGINE_QUEUE, left };
  const reply = await asking(engine, attempted, () =>
    engine.temporal.workflow.getHandle(workflowId).executeUpdate(overrideUpdate, { args: [statement] }),
  );
  return { workflowId, statement, reply };
}
