/** What operators have asked for, checked synchronously before it enters history, and obeyed at safe points. */
import { setHandler } from '@temporalio/workflow';
import type { Refusal } from '../../src/domain/error-code.ts';
import { faultOfOrder } from '../../src/domain/said.ts';
import {
  abortUpdate,
  type Command,
  type CommandAnswer,
  type Control,
  controlSignal,
  pauseUpdate,
  resumeUpdate,
  retryUpdate,
  rollBackUpdate,
} from '../../src/contract/promotion-workflow.ts';
import { isControl } from '../../src/contract/signal-shapes.ts';
import type { PromotionPhase } from '../../src/contract/status.ts';
import type { Restraint } from '../../src/domain/restraint.ts';
import { change, pauseNoMore } from './journal.ts';
import { Ending, later, now, type PromotionRun } from './run.ts';
import { failureOf } from './trouble.ts';

/** At a closed gate it is how somebody outside calls back: anybody may say it, since the zone then asks for itself. */
const RETRIED: readonly PromotionPhase[] = ['needs-attention', 'undo-stuck', 'waiting-for-gate'];
const BUSY_UNDOING: readonly PromotionPhase[] = ['undoing', 'undo-stuck', 'finished'];

export function listenForOrders(run: PromotionRun): void {
  const { orders } = run;

  function pause(command: Command): CommandAnswer {
    const forMs = command.forMs ?? run.input.timing.pauseForMs;
    const { by, reason = '' } = command;
    orders.pause = { by, reason, since: now(), untilMs: Date.now() + forMs };
    change(run, { pausing: { by, reason, until: later(forMs) } });
    return { message: `pauses at the next safe point; goes on by itself at ${later(forMs)}` };
  }
  function resume(): CommandAnswer {
    orders.pause = undefined;
    pauseNoMore(run);
    return { message: 'goes on' };
  }
  function abort(command: Command): CommandAnswer {
    if (run.status.phase === 'undo-stuck') {
      orders.givenUp += 1;
      return { message: 'this undo is given up and stays as it is; the rest is undone' };
    }
    orders.end = { kind: 'aborted', by: command.by, reason: command.reason ?? '' };
    return { message: 'ends at the next safe point and undoes what it did' };
  }
  function retry(): CommandAnswer {
    orders.retries += 1;
    const isGate = run.status.phase === 'waiting-for-gate';
    return { message: isGate ? 'asks the gates again' : 'tries the step again; finished steps are not repeated' };
  }
  function rollBack(command: Command): CommandAnswer {
    orders.end = { kind: 'rolled-back', by: command.by, reason: command.reason ?? '' };
    return { message: 'rolls back at the next safe point' };
  }

  setHandler(pauseUpdate, pause, { validator: (command) => refuseUnless(mayPause(run), command) });
  setHandler(resumeUpdate, resume, { validator: (command) => refuseUnless(mayResume(run), command) });
  setHandler(abortUpdate, abort, { validator: (command) => refuseUnless(mayAbort(run), command) });
  setHandler(retryUpdate, retry, { validator: (command) => refuseUnless(mayRetry(run), command) });
  setHandler(rollBackUpdate, rollBack, { validator: (command) => refuseUnless(mayEnd(run), command) });
  setHandler(controlSignal, (control: Control) => {
    if (!isControl(control) || faultOfOrder(control) !== undefined) return;
    const obey = { pause, resume, abort }[control.command];
    const reason = { pause: hearsPause, resume: mayResume, abort: mayAbort }[control.command](run);
    if (reason === undefined) obey(control);
  });
}

export function throwIfEnded({ orders }: PromotionRun): void {
  if (orders.end === undefined) return;
  const { kind, by, reason } = orders.end;
  const verb = kind === 'aborted' ? 'aborted' : 'rolled back';
  throw new Ending({ kind, reason: `${verb} by ${by}${reason === '' ? '' : `: ${reason}`}` });
}

/** The command line that sends an order to this promotion. */
export function command({ input }: PromotionRun, verb: string): string {
  return `sluice ${verb} ${input.service} ${input.version} --environment ${input.environment}`;
}

/** The command line that ends a stop or a hold there. */
export function liftOf({ kind, service = '' }: Restraint, environment: string): string {
  const where = `--environment ${environment}`;
  if (kind === 'hold') return `sluice hold lift ${service} ${where}`;
  return `sluice thaw ${where}${service === '' ? '' : ` --service ${service}`}`;
}

/** The command line of those who may let it pass a closed gate; none where nobody may. */
export function overrideOf(run: PromotionRun, gate: string, groups: readonly string[] = []): readonly string[] {
  if (groups.length === 0) return [];
  return [`${command(run, 'override')} --gate ${gate} --reason "…"   (${groups.join(', ')})`];
}

/** The command line of those who may let it pass the stop or the hold that keeps it waiting. */
export function overriding(run: PromotionRun, { kind }: Restraint): readonly string[] {
  return overrideOf(run, kind, run.mayPass?.[kind]);
}

type Reason = Pick<Refusal, 'code' | 'message' | 'remedy'> | undefined;

function mayPause(run: PromotionRun): Reason {
  return pausedAlready(run.orders.pause, command(run, 'resume')) ?? mayEnd(run);
}

/** A signal stands in the history, and no clock decides whether it is obeyed: a pause that has ended unseen counts here. */
function hearsPause(run: PromotionRun): Reason {
  return run.orders.pause === undefined ? mayEnd(run) : impossible('it is paused already');
}

/** By one that has not ended by itself yet. A pause is not moved: two people may mean two. */
export function pausedAlready(
  pause: Pick<NonNullable<PromotionRun['orders']['pause']>, 'by' | 'untilMs'> | undefined,
  resume: string,
): Reason {
  if (pause === undefined || pause.untilMs <= Date.now()) return undefined;
  const message = `${pause.by} has paused it already, until ${new Date(pause.untilMs).toISOString()}`;
  return { code: 'command-not-possible', message, remedy: `end that pause with "${resume}", then pause it anew` };
}

function mayResume(run: PromotionRun): Reason {
  return run.orders.pause === undefined ? (finished(run) ?? impossible('it is not paused')) : undefined;
}

function mayAbort(run: PromotionRun): Reason {
  return run.status.phase === 'undo-stuck' ? undefined : mayEnd(run);
}

function mayRetry(run: PromotionRun): Reason {
  if (RETRIED.includes(run.status.phase)) return undefined;
  return finished(run) ?? impossible(`nothing waits for a retry: it is ${run.status.phase}`);
}

function mayEnd(run: PromotionRun): Reason {
  if (run.orders.end !== undefined) return finished(run) ?? impossible(`it is being ${run.orders.end.kind} already`);
  return BUSY_UNDOING.includes(run.status.phase) ? (finished(run) ?? impossible('it is undoing already')) : undefined;
}

function finished({ status }: PromotionRun): Reason {
  if (status.phase !== 'finished') return undefined;
  return { code: 'release-finished', message: `this promotion has ended: ${status.outcome?.kind ?? 'unknown'}` };
}

function impossible(message: string): Reason {
  return { code: 'command-not-possible', message };
}

/** Synchronous, as validators must be: a throw here refuses the update before it enters history. */
export function refuseUnless(reason: Reason, order: Command): void {
  if (reason !== undefined) throw failureOf(reason);
  const fault = faultOfOrder(order);
  if (fault !== undefined) throw failureOf({ code: 'input-invalid', ...fault });
}
