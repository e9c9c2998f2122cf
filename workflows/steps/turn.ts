/** Waiting for the environment's lease: asked of its desk, waited for with place and reason, given back however the promotion ends. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  type LeaseReturn,
  requestLeaseSignal,
  restrainSignal,
  returnLeaseSignal,
  type Turn,
  turnSignal,
} from '../../src/contract/environment-workflow.ts';
import type { RollbackInput } from '../../src/contract/rollback-workflow.ts';
import { ENVIRONMENT } from '../../src/contract/search-attributes.ts';
import type { Outcome, Waiting } from '../../src/contract/status.ts';
import { environmentId } from '../../src/contract/workflow-ids.ts';
import type { Restraint } from '../../src/domain/restraint.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';
import { TURN_FOR_MS } from './activity-options.ts';
import { begin, finish, goOn, wait } from './journal.ts';
import { command, liftOf, throwIfEnded } from './orders.ts';
import { safePoint } from './safe-point.ts';
import { Ending, now, planned, type PromotionRun } from './run.ts';

export function listenForTurns(run: PromotionRun): void {
  setHandler(turnSignal, (turn: Turn) => {
    if (turn.kind !== 'probe' && run.turn !== undefined) run.turn = turn;
  });
}

/**
 * Returns with the lease (true), or because somebody let it pass a stop or a hold meanwhile, so that the gates are to be asked again
 * (false). Plans of older engines take no turns.
 */
export async function takeTurn(run: PromotionRun): Promise<boolean> {
  const { policy } = turnsOf(run);
  if (policy === undefined) return true;
  await safePoint(run, 'lease');
  begin(run, 'lease');
  run.turn = { kind: 'asked' };
  void ask(run, requestOf(run, policy));
  const isGiven = await untilGiven(run);
  if (!isGiven) return false;
  finish(run, 'lease', {
    ok: true,
    summary: `lease ${run.fence} of ${run.input.service}`,
    facts: { lease: String(run.fence) },
  });
  return true;
}

/** Whatever happens next, somebody else may have it. Nothing happens where none was asked for. */
export async function giveTurnBack(run: PromotionRun, outcome?: Outcome): Promise<void> {
  if (run.turn === undefined) return;
  run.turn = undefined;
  run.fence = undefined;
  const back: LeaseReturn = {
    runId: workflowInfo().runId,
    ...(outcome?.kind === 'released' ? { running: runningNow(run) } : {}),
  };
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(environmentId(run.input.environment)).signal(returnLeaseSignal, back);
    } catch {
      // a desk that is gone holds no lease: the next promotion opens a new one
    }
  });
}

function turnsOf(run: PromotionRun): { readonly policy: LeaseRequest['policy'] | undefined } {
  return { policy: planned(run).plan.turns };
}

async function untilGiven(run: PromotionRun): Promise<boolean> {
  const { orders } = run;
  const since = now();
  const deadline = Date.now() + TURN_FOR_MS;
  const { overrides } = run;
  let shown = run.turn;
  for (;;) {
    const isNews = (): boolean => run.turn !== shown || orders.end !== undefined || run.overrides !== overrides;
    const summary = `turn in ${run.input.environment}`;
    const inTime = await condition(isNews, Math.max(deadline - Date.now(), 1), { summary });
    const before = shown;
    shown = run.turn;
    if (before?.kind === 'waiting' && shown?.kind !== 'waiting') goOn(run, 'planning');
    throwIfEnded(run);
    if (!inTime) throw tooLate(run);
    if (shown?.kind === 'given') {
      run.fence = shown.fence;
      return true;
    }
    if (shown?.kind === 'superseded') throw supersededBy(run, shown.by);
    if (run.overrides !== overrides) return false;
    if (shown?.kind === 'waiting') show(run, shown, since, deadline);
  }
}

function show(run: PromotionRun, turn: Turn & { readonly kind: 'waiting' }, since: string, deadline: number): void {
  const expected = turn.expectedAt === undefined ? '' : `; expected at ${turn.expectedAt}`;
  const { environment } = run.input;
  const tooLateAt = { until: new Date(deadline).toISOString(), then: 'the release is refused' };
  const { restraint } = turn;
  wait(run, 'turn', 'waiting-for-turn', {
    reason: `number ${turn.position} for ${environment}: ${turn.reason}${expected}`,
    for: restraint?.by ?? turn.reason,
    since,
    ...((restraint === undefined ? undefined : endOf(restraint, deadline)) ?? tooLateAt),
    answer: [
      ...(restraint === undefined ? [] : [liftOf(restraint, environment)]),
      `sluice environment ${environment}`,
      command(run, 'abort'),
    ],
  });
}

/** Undefined: nobody has set an end, or a later one than the turn can be waited for. */
function endOf({ until }: Restraint, deadline: number): Pick<Waiting, 'until' | 'then'> | undefined {
  if (until === undefined || Date.parse(until) > deadline) return undefined;
  return { until, then: 'it goes on by itself, in its turn' };
}

function requestOf(run: PromotionRun, policy: LeaseRequest['policy']): LeaseRequest {
  const { workflowId, runId } = workflowInfo();
  const { service, version, priority = 'normal' } = run.input;
  return {
    service,
    version,
    workflowId,
    runId,
    askedAt: now(),
    policy,
    priority,
    passes: run.passes,
    hearsRestraints: true,
  };
}

function ask(run: PromotionRun, request: LeaseRequest): Promise<void> {
  return tellDesk(run.input.environment, (desk) => desk.signal(requestLeaseSignal, request));
}

/** Nothing of the service enters there until somebody lifts it. */
export function holdAtDesk({ service, environment, requestedBy, reason }: RollbackInput, to: string): Promise<void> {
  const said = `rolled back to ${to}: ${reason}`;
  return tellDesk(environment, (desk) =>
    desk.signal(restrainSignal, { kind: 'hold', service, by: requestedBy, reason: said }),
  );
}

/** The first one who has something to say opens the desk. */
async function tellDesk(environment: string, say: (desk: Handle) => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await say(getExternalWorkflowHandle(environmentId(environment)));
    } catch (error) {
      if (isCancellation(error)) return;
      await openDesk(environment);
    }
  }
}

type Handle = ReturnType<typeof getExternalWorkflowHandle>;

async function openDesk(environment: string): Promise<void> {
  try {
    await startChild<(input: EnvironmentInput) => Promise<void>>(ENVIRONMENT_WORKFLOW, {
      workflowId: environmentId(environment),
      args: [{ environment }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      parentClosePolicy: 'ABANDON',
      staticSummary: `who may change ${environment}`,
      typedSearchAttributes: [{ key: ENVIRONMENT, value: environment }],
    });
  } catch (error) {
    // another promotion was quicker, or this one is being cancelled
    if (!(error instanceof WorkflowExecutionAlreadyStartedError) && !isCancellation(error)) throw error;
  }
}

function runningNow(run: PromotionRun): NonNullable<LeaseReturn['running']> {
  const { service, version, image, requestedBy } = run.input;
  return {
    ...{ service, version, requestedBy, since: now(), digest: image.digest },
    workflowId: run.status.workflowId,
    approvedBy: (run.question?.given ?? []).map((one) => one.approver),
  };
}

function tooLate(run: PromotionRun): Ending {
  const message = `its turn in ${run.input.environment} did not come in time`;
  const remedy = 'see who is in the way with "sluice environment", then start a new version';
  return new Ending({ kind: 'refused', reason: message, refusal: { code: 'turn-expired', message, remedy } });
}

function supersededBy(run: PromotionRun, by: string): Ending {
  const message = `${by} waits for ${run.input.environment} as well and is newer`;
  return new Ending({ kind: 'superseded', reason: message, refusal: { code: 'turn-superseded', message } });
}
