/** Waiting for the environment's lease: asked of its desk, waited for with place and reason, given back however the promotion ends. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  sleep,
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
import type { Outcome } from '../../src/contract/status.ts';
import { environmentId } from '../../src/contract/workflow-ids.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';
import { ASK_AGAIN_MS, DESK_AGAIN_MS, TURN_FOR_MS } from './activity-options.ts';
import { begin, finish, goOn, wait } from './journal.ts';
import { command, throwIfEnded } from './orders.ts';
import { safePoint } from './safe-point.ts';
import { Ending, now, planned, type PromotionRun } from './run.ts';

export function listenForTurns(run: PromotionRun): void {
  setHandler(turnSignal, (turn: Turn | undefined) => {
    if (turn === undefined || turn === null || turn.kind === 'probe') return;
    if (run.turn !== undefined && !isLate(run, turn)) run.turn = turn;
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
  const request = requestOf(run, policy);
  run.turn = { kind: 'asked' };
  run.asking = { askedAt: request.askedAt, heard: ask(run, request) };
  const isGiven = await untilGiven(run, request);
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
  const { asking } = run;
  const back: LeaseReturn = {
    runId: workflowInfo().runId,
    ...(outcome?.kind === 'released' ? { running: runningNow(run) } : {}),
  };
  await CancellationScope.nonCancellable(async () => {
    // the other way round the desk would keep a request that nobody takes back
    await asking?.heard;
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

/** A lease that was given for an earlier asking has gone back since. */
function isLate({ asking }: PromotionRun, turn: Turn): boolean {
  return turn.kind === 'given' && turn.askedAt !== undefined && turn.askedAt !== asking?.askedAt;
}

async function untilGiven(run: PromotionRun, request: LeaseRequest): Promise<boolean> {
  const { orders } = run;
  const since = now();
  const deadline = Date.now() + TURN_FOR_MS;
  const { overrides } = run;
  let shown = run.turn;
  for (;;) {
    const isNews = (): boolean => run.turn !== shown || orders.end !== undefined || run.overrides !== overrides;
    const summary = `turn in ${run.input.environment}`;
    const remaining = Math.max(deadline - Date.now(), 1);
    const hasNews = await condition(isNews, Math.min(remaining, ASK_AGAIN_MS), { summary });
    const before = shown;
    shown = run.turn;
    if (before?.kind === 'waiting' && shown?.kind !== 'waiting') goOn(run, 'planning');
    throwIfEnded(run);
    if (!hasNews && Date.now() >= deadline) throw tooLate(run);
    // a desk that somebody terminated and that was opened anew knows of nobody who waits
    if (!hasNews) run.asking = { askedAt: request.askedAt, heard: ask(run, request) };
    if (shown?.kind === 'given') {
      run.fence = shown.fence;
      return true;
    }
    if (shown?.kind === 'superseded') throw supersededBy(run, shown.by);
    if (run.overrides !== overrides) return false;
    if (hasNews && shown?.kind === 'waiting') show(run, shown, since, deadline);
  }
}

function show(run: PromotionRun, turn: Turn & { readonly kind: 'waiting' }, since: string, deadline: number): void {
  const expected = turn.expectedAt === undefined ? '' : `; expected at ${turn.expectedAt}`;
  wait(run, 'turn', 'waiting-for-turn', {
    reason: `number ${turn.position} for ${run.input.environment}: ${turn.reason}${expected}`,
    for: turn.reason,
    since,
    until: new Date(deadline).toISOString(),
    then: 'the release is refused',
    answer: [`sluice environment ${run.input.environment}`, command(run, 'abort')],
  });
}

function requestOf(run: PromotionRun, policy: LeaseRequest['policy']): LeaseRequest {
  const { workflowId, runId } = workflowInfo();
  const { service, version, priority = 'normal' } = run.input;
  return { service, version, workflowId, runId, askedAt: now(), policy, priority, passes: run.passes };
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

/** The first one who has something to say opens the desk. One that is open and hears nothing is overrun: it is given time. */
async function tellDesk(environment: string, say: (desk: Handle) => Promise<void>): Promise<void> {
  for (let vain = 0; ; vain += 1) {
    try {
      if (vain > 1) await sleep(DESK_AGAIN_MS, { summary: `${environment} did not hear it` });
      return await say(getExternalWorkflowHandle(environmentId(environment)));
    } catch (error) {
      if (isCancellation(error)) return;
      await openDesk(environment);
    }
  }
}

type Handle = ReturnType<typeof getExternalWorkflowHandle>;

/** Not cancellable: the desk is everybody's, whoever opened it and whatever becomes of them. */
async function openDesk(environment: string): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() =>
      startChild<(input: EnvironmentInput) => Promise<void>>(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId(environment),
        args: [{ environment }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        parentClosePolicy: 'ABANDON',
        staticSummary: `who may change ${environment}`,
        typedSearchAttributes: [{ key: ENVIRONMENT, value: environment }],
      }),
    );
  } catch (error) {
    // another promotion was quicker
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
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
