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
import type { Outcome, Waiting } from '../../src/contract/status.ts';
import { environmentId } from '../../src/contract/workflow-ids.ts';
import type { Restraint } from '../../src/domain/restraint.ts';
import type { LeaseRequest } from '../../src/domain/turns.ts';
import { ASK_AGAIN_MS, DESK_AGAIN_MS, TURN_FOR_MS } from './activity-options.ts';
import { begin, finish, goOn, wait } from './journal.ts';
import { command, liftOf, throwIfEnded } from './orders.ts';
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
  if (planned(run).plan.turns === undefined) return true;
  await safePoint(run, 'lease');
  begin(run, 'lease');
  const isGiven = await untilGiven(run, askForTurn(run));
  if (!isGiven) return false;
  finish(run, 'lease', {
    ok: true,
    summary: `lease ${run.fence} of ${run.input.service}`,
    facts: { lease: String(run.fence) },
  });
  return true;
}

/** Where nobody has to agree first, the lease is asked for while the signatures are looked at: it is there when it is needed. */
export function askEarly(run: PromotionRun): void {
  const { turns, approval, steps } = planned(run).plan;
  const isGated = steps.some(({ step, skipped }) => step === 'gates' && skipped === undefined);
  if (turns !== undefined && approval === undefined && !isGated) askForTurn(run);
}

/** Once; who has asked already waits for that answer. */
function askForTurn(run: PromotionRun): LeaseRequest {
  if (run.turn !== undefined && run.asking !== undefined) return run.asking.request;
  const request = requestOf(run, planned(run).plan.turns ?? 'queue');
  run.turn = { kind: 'asked' };
  run.asking = { request, heard: ask(run, request) };
  return request;
}

/** Whatever happens next, somebody else may have it. Nothing happens where none was asked for. */
export async function giveTurnBack(run: PromotionRun): Promise<void> {
  const lease = await leaseOf(run);
  if (lease !== undefined) await returnLease(run.input.environment, lease);
}

/** What has to go back, once; undefined when none was asked for. */
export async function leaseOf(run: PromotionRun, outcome?: Outcome): Promise<LeaseReturn | undefined> {
  if (run.turn === undefined) return undefined;
  run.turn = undefined;
  run.fence = undefined;
  // the other way round the desk would keep a request that nobody takes back
  await CancellationScope.nonCancellable(async () => run.asking?.heard);
  const { runId } = workflowInfo();
  return { runId, ...(outcome?.kind === 'released' ? { running: runningNow(run) } : {}) };
}

/** Arrives also when everything around it is cancelled. */
export async function returnLease(environment: string, lease: LeaseReturn): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(environmentId(environment)).signal(returnLeaseSignal, lease);
    } catch {
      // a desk that is gone holds no lease: the next promotion opens a new one
    }
  });
}

/** A lease that was given for an earlier asking has gone back since. */
function isLate({ asking }: PromotionRun, turn: Turn): boolean {
  return turn.kind === 'given' && turn.nth !== undefined && turn.nth !== asking?.request.nth;
}

async function untilGiven(run: PromotionRun, request: LeaseRequest): Promise<boolean> {
  const { orders } = run;
  const since = now();
  const deadline = Date.now() + TURN_FOR_MS;
  const { overrides } = run;
  // what came before anybody waited for it is looked at first
  let shown: PromotionRun['turn'] = { kind: 'asked' };
  for (;;) {
    const isNews = (): boolean => run.turn !== shown || orders.end !== undefined || run.overrides !== overrides;
    const summary = `turn in ${run.input.environment}`;
    const remaining = Math.max(deadline - Date.now(), 1);
    const hasNews = isNews() || (await condition(isNews, Math.min(remaining, ASK_AGAIN_MS), { summary }));
    const before = shown;
    shown = run.turn;
    if (before?.kind === 'waiting' && shown?.kind !== 'waiting') goOn(run, 'planning');
    throwIfEnded(run);
    if (!hasNews && Date.now() >= deadline) throw tooLate(run);
    // a desk that somebody terminated and that was opened anew knows of nobody who waits
    if (!hasNews) run.asking = { request, heard: ask(run, request) };
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
    nth: (run.asking?.request.nth ?? 0) + 1,
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
