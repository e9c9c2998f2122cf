/** Letting a promotion pass closed gates: a signed yes that names them, verified where the environment's credentials are. */
import { setHandler } from '@temporalio/workflow';
import { type CommandAnswer, overrideUpdate } from '../../src/contract/promotion-workflow.ts';
import { type ApprovalStatement, type GivenApproval, misshapenAnswer } from '../../src/domain/approval.ts';
import type { Waiting } from '../../src/contract/status.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { describeRestraint, type Restraint, type RestraintKind, RESTRAINTS } from '../../src/domain/restraint.ts';
import { change } from './journal.ts';
import { now, planned, type PromotionRun } from './run.ts';
import { tellOverride } from './telling.ts';
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
  run.passes = passesOf(run, run.passes);
  change(run, { overrides: run.overrides });
  tellOverride(run, given);
  return { message: `${subject} lets it pass ${gates}` };
}

/** Stops and holds that it may pass: what the gates have said, and what was let pass for this plan before anything was closed. */
export function passesOf({ overrides, planned: known }: PromotionRun, said: readonly RestraintKind[]): RestraintKind[] {
  const named = overrides.filter((one) => one.planDigest === known?.planDigest).flatMap((one) => one.overrides ?? []);
  return RESTRAINTS.filter((kind) => said.includes(kind) || named.includes(kind));
}

/** By whose word it may pass the stop or the hold that keeps it waiting; nothing where the zone does not say. */
export function passableOf({ mayPass }: PromotionRun, restraint: Restraint): Pick<Waiting, 'passable'> {
  if (mayPass === undefined) return {};
  const { kind } = restraint;
  const { [kind]: groups = [] } = mayPass;
  return { passable: groups.length === 0 ? [] : [{ gate: kind, said: describeRestraint(restraint), groups }] };
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
  const misshapen = misshapenAnswer(statement);
  if (misshapen !== undefined) return misshapen;
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
