/** Waiting for the environment's lease: asked of its desk, waited for with place and reason, given back however the promotion ends. */
import { CancellationScope, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { type LeaseReturn, type Turn, turnSignal } from '../../src/contract/environment-workflow.ts';
import { isTurn } from '../../src/contract/signal-shapes.ts';
import { reasonOfHold, type RollbackInput } from '../../src/contract/rollback-workflow.ts';
import type { Outcome, Waiting } from '../../src/contract/status.ts';
import type { Restraint } from '../../src/domain/restraint.ts';
import type { Timing } from '../../src/domain/rulebook.ts';
import type { LeaseRequest, Newer, TurnPolicy } from '../../src/domain/turns.ts';
import { ASK_AGAIN_MS, askers, lastWords, TURN_FOR_MS } from './activity-options.ts';
import { begin, finish, goOn, putOff, wait, waitQuietly } from './journal.ts';
import { command, liftOf, overriding, throwIfEnded } from './orders.ts';
import { passableOf } from './override.ts';
import { safePoint } from './safe-point.ts';
import { type Asking, Ending, now, planned, type PromotionRun, whatItIs } from './run.ts';

export function listenForTurns(run: PromotionRun): void {
  setHandler(turnSignal, (turn: unknown) => {
    if (isTurn(turn)) hear(run, turn);
  });
}

function hear(run: PromotionRun, turn: Turn): void {
  if (run.turn === undefined || isLate(run, turn) || isOvertaken(run, turn)) return;
  run.turn = turn;
  run.word = turn.word ?? run.word;
}

/**
 * Returns with the lease (true), or because somebody let it pass a stop or a hold meanwhile, so that the gates are to be asked again
 * (false). Plans of older engines take no turns.
 */
export async function takeTurn(run: PromotionRun): Promise<boolean> {
  const { turns } = planned(run).plan;
  if (turns === undefined) return true;
  const still = safePoint(run, 'lease');
  if (still !== undefined) await still;
  begin(run, 'lease');
  const asking = askForTurn(run, turns);
  // most of the time this is all
  await asking.heard;
  const isGiven = await untilGiven(run, asking.request);
  if (!isGiven) {
    putOff(run, 'lease');
    return false;
  }
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
  if (turns !== undefined && approval === undefined && !isGated) askForTurn(run, turns);
}

/** Once; who has asked already waits for that answer. */
export function askForTurn(run: PromotionRun, turns: TurnPolicy): Asking {
  if (run.turn !== undefined && run.asking !== undefined) return run.asking;
  const request = requestOf(run, turns);
  run.turn = { kind: 'asked' };
  run.asking = { request, heard: ask(run, request) };
  return run.asking;
}

/**
 * Whatever happens next, somebody else may have it. Nothing happens where none was asked for. Arrives also when everything around it is
 * cancelled.
 */
export async function giveTurnBack(run: PromotionRun, outcome?: Outcome): Promise<void> {
  if (run.turn === undefined) return;
  run.turn = undefined;
  run.fence = undefined;
  const { runId } = workflowInfo();
  const said: LeaseReturn = { runId, ...(outcome?.kind === 'released' ? { running: runningNow(run) } : {}) };
  const { environment } = run.input;
  await CancellationScope.nonCancellable(async () => {
    // the other way round the desk would keep a request that nobody takes back
    await run.asking?.heard;
    await lastWords().returnLease({ environment, said });
  });
}

/** The desk has given the lease, or will not. */
export function isDecided({ turn }: PromotionRun): boolean {
  return turn?.kind === 'given' || turn?.kind === 'superseded';
}

/** A lease that was given for an earlier asking has gone back since. */
function isLate({ asking }: PromotionRun, turn: Turn): boolean {
  return turn.kind === 'given' && turn.nth !== undefined && turn.nth !== asking?.request.nth;
}

/**
 * A desk's words may arrive the other way round: the place that it had before the lease was given is no news after it. A lease is always
 * heard, also from a desk that was reset and counts from an earlier number.
 */
function isOvertaken(run: PromotionRun, { kind, word }: Turn): boolean {
  return kind === 'waiting' && word !== undefined && run.word !== undefined && word < run.word;
}

async function untilGiven(run: PromotionRun, request: LeaseRequest): Promise<boolean> {
  const { orders } = run;
  const since = now();
  const deadline = Date.now() + TURN_FOR_MS;
  const { overrides } = run;
  // what came before anybody waited for it is looked at first
  let shown: PromotionRun['turn'] = { kind: 'asked' };
  if (run.turn?.kind === 'asked') showAsked(run, since, deadline);
  for (;;) {
    const isNews = (): boolean => run.turn !== shown || orders.end !== undefined || run.overrides !== overrides;
    const summary = `turn in ${run.input.environment}`;
    const remaining = Math.max(deadline - Date.now(), 1);
    const hasNews = isNews() || (await condition(isNews, Math.min(remaining, ASK_AGAIN_MS), { summary }));
    shown = run.turn;
    const isTooLate = !hasNews && Date.now() >= deadline;
    const isOver = isDecided(run) || isTooLate || orders.end !== undefined || run.overrides !== overrides;
    if (isOver && run.status.waiting !== undefined) goOn(run, 'planning');
    throwIfEnded(run);
    if (isTooLate) throw tooLate(run);
    // a desk that somebody terminated and that was opened anew knows of nobody who waits
    if (!hasNews) run.asking = { request, heard: ask(run, request) };
    if (shown?.kind === 'given') {
      run.fence = shown.fence;
      return true;
    }
    throwIfSuperseded(run);
    if (run.overrides !== overrides) return false;
    if (hasNews && shown?.kind === 'waiting') show(run, shown, since, deadline);
  }
}

const OTHERS = 'those who asked before';

/** Its place is for the desk to say, which says it only to those who are near the front. */
function showAsked(run: PromotionRun, since: string, deadline: number): void {
  const { environment, service } = run.input;
  waitQuietly(run, 'turn', 'waiting-for-turn', {
    reason: `in the queue of ${service} for ${environment}`,
    for: OTHERS,
    since,
    ...refusedAt(run, deadline),
    answer: [`sluice environment ${environment}`, command(run, 'abort')],
  });
}

function refusedAt(run: PromotionRun, deadline: number): Pick<Waiting, 'until' | 'then'> {
  return { until: new Date(deadline).toISOString(), then: `${whatItIs(run)} is refused` };
}

function show(run: PromotionRun, turn: Turn & { readonly kind: 'waiting' }, since: string, deadline: number): void {
  const { environment } = run.input;
  const { restraint, expectedAt } = turn;
  wait(run, 'turn', 'waiting-for-turn', {
    reason: `number ${turn.position} for ${environment}: ${turn.reason}`,
    for: restraint?.by ?? OTHERS,
    since,
    ...((restraint === undefined ? undefined : endOf(restraint, deadline)) ?? refusedAt(run, deadline)),
    ...(expectedAt === undefined ? {} : { expectedAt }),
    ...(restraint === undefined ? {} : passableOf(run, restraint)),
    answer: [
      ...(restraint === undefined ? [] : [liftOf(restraint, environment), ...overriding(run, restraint)]),
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

function requestOf(run: PromotionRun, policy: TurnPolicy): LeaseRequest {
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
    ...(run.input.entry?.allowOlder === true ? { mayBeOlder: true } : {}),
  };
}

/** Not cancellable: an asking that arrives after the lease went back would hold it for nobody. */
async function ask(run: PromotionRun, said: LeaseRequest): Promise<void> {
  const { environment, service, timing } = run.input;
  const summary = `turn of ${service} in ${environment}`;
  const { given } = await CancellationScope.nonCancellable(() =>
    askers(timing).requestLease.executeWithOptions({ summary }, [{ environment, said }]),
  );
  if (given !== undefined) hear(run, given);
}

/** Nothing of the service enters there until somebody lifts it. */
export async function holdAtDesk(
  { service, environment, requestedBy, reason }: RollbackInput,
  to: string,
  timing: Timing,
): Promise<void> {
  // said before it is done: what comes of it stands in the roll-back
  const said = reasonOfHold(to, reason);
  const summary = `hold on ${service} in ${environment}`;
  const hold = { kind: 'hold', service, by: requestedBy, reason: said } as const;
  await askers(timing).restrain.executeWithOptions({ summary }, [{ environment, said: hold }]);
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

export function throwIfSuperseded({ turn, input }: PromotionRun): void {
  if (turn?.kind !== 'superseded') return;
  const { by, newer = 'waits' } = turn;
  const message = `${by} ${WHERE[newer](input.environment)} and is newer`;
  const remedy = 'if the older version is wanted all the same, start it with "--allow-older"';
  throw new Ending({ kind: 'superseded', reason: message, refusal: { code: 'turn-superseded', message, remedy } });
}

const WHERE: Readonly<Record<Newer, (environment: string) => string>> = {
  waits: (environment) => `waits for ${environment} as well`,
  enters: (environment) => `enters ${environment} already`,
  runs: (environment) => `runs in ${environment}`,
};
