/** Letting a promotion pass closed gates: a signed yes that names them, verified where the environment's credentials are. */
import { setHandler } from '@temporalio/workflow';
import { type CommandAnswer, overrideUpdate } from '../../src/contract/promotion-workflow.ts';
import type { ApprovalStatement, GivenApproval } from '../../src/domain/approval.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { change } from './journal.ts';
import { now, planned, type PromotionRun } from './run.ts';
import { failureOf } from './trouble.ts';

export function listenForOverrides(run: PromotionRun): void {
  setHandler(overrideUpdate, (statement) => override(run, statement), {
    validator: (statement) => refuseEarly(run, statement),
  });
}

async function override(run: PromotionRun, statement: ApprovalStatement): Promise<CommandAnswer> {
  const { plan, planDigest } = planned(run);
  const { requestedBy } = run.input;
  const gates = (statement.overrides ?? []).join(', ');
  const summary = `verify override of ${gates} by ${statement.approver}`;
  const request = { plan, planDigest, statement, requestedBy };
  const checked = await run.hands.checkOverride.executeWithOptions({ summary }, [request]);
  if (!checked.ok) throw failureOf(checked.refusal);
  const { ok: _, subject, ...found } = checked;
  refuseEarly(run, statement);
  const given: GivenApproval = { ...statement, approver: subject, ...found, at: now() };
  run.overrides = [...run.overrides, given];
  change(run, { overrides: run.overrides });
  return { message: `${subject} lets it pass ${gates}` };
}

/** Synchronous: refuses an update before it enters history. */
function refuseEarly(run: PromotionRun, statement: ApprovalStatement): void {
  const refusal = refusalOf(run, statement);
  if (refusal !== undefined) throw failureOf(refusal);
}

function refusalOf(run: PromotionRun, statement: ApprovalStatement | undefined): Refusal | undefined {
  if (run.status.phase === 'finished') {
    return { code: 'release-finished', message: `this promotion has ended: ${run.status.outcome?.kind ?? 'unknown'}` };
  }
  if (statement?.decision !== 'approve' || (statement.overrides ?? []).length === 0) {
    return { code: 'approval-malformed', message: 'an override is a yes that names the gates to pass' };
  }
  if ((statement.reason ?? '').trim() === '') {
    return { code: 'approval-reason-missing', message: 'passing a closed gate needs a reason' };
  }
  const planDigest = run.planned?.planDigest;
  if (planDigest !== statement.planDigest) {
    const message = `the override is for plan ${statement.planDigest}, but the plan is ${planDigest ?? 'not made yet'}`;
    return { code: 'approval-other-plan', message, remedy: 'look at it again with "sluice status"' };
  }
  const isKnown = run.overrides.some(
    (one) => statement.statement !== undefined && one.statement === statement.statement,
  );
  return isKnown ? { code: 'approval-replayed', message: 'this very statement was sent before' } : undefined;
}
