/** Writing down what happens: the status that people query, the Temporal UI's details and search attributes. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { OUTCOME, WAITING_FOR } from '../../src/contract/search-attributes.ts';
import type { Yes } from '../../src/contract/activities.ts';
import type {
  Attention,
  Outcome,
  PromotionPhase,
  PromotionStatus,
  StepState,
  StepStatus,
  Waiting,
} from '../../src/contract/status.ts';
import type { EventName } from '../../src/domain/notification.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { StepName } from '../../src/domain/step.ts';
import type { WaitKind } from '../../src/domain/waiting.ts';
import { promotionDetails } from './details.ts';
import { now, type PromotionRun } from './run.ts';
import { tell, tellWait } from './telling.ts';

const TOLD_AS: Readonly<Record<WaitKind, EventName>> = {
  gate: 'waiting',
  approval: 'waiting',
  turn: 'waiting',
  stop: 'stopped',
  operator: 'paused',
  attention: 'attention',
  undo: 'undo-stuck',
};

export function enter(run: PromotionRun, phase: PromotionPhase): void {
  change(run, { phase });
}

/** Lists the planned steps; those that ran already keep what they left. */
export function listSteps(run: PromotionRun): void {
  const steps = run.planned?.plan.steps ?? [];
  const known = new Map(run.status.steps.map((one) => [one.step, one]));
  // an older worker says nothing of the changes: those of another plan must not stand there
  const { changes: _, ...status } = run.status;
  run.status = status;
  change(run, {
    ...(run.planned === undefined ? {} : run.planned),
    steps: steps.map((one) => ({
      ...blank(one.step, one.skipped === undefined ? 'pending' : 'skipped', one),
      ...known.get(one.step),
    })),
  });
}

export function begin(run: PromotionRun, step: StepName): void {
  const startedAt = latest(now(), ...run.status.steps.map((one) => one.endedAt ?? ''));
  // what it came to before, when it is asked again, does not hold any more
  putOff(run, step);
  mark(run, step, { state: 'running', startedAt });
}

/** What comes next, in the same moment, shows it: another step, a wait, or the end. */
export function finish(run: PromotionRun, step: StepName, answer: Yes): void {
  note(run, step, { state: 'done', endedAt: answer.at ?? now(), summary: answer.summary, facts: answer.facts });
}

/** Begun in vain: what comes before it is asked again, and it is begun anew after that. */
export function putOff(run: PromotionRun, step: StepName): void {
  change(run, { steps: run.status.steps.map((one) => (one.step === step ? blank(step, 'pending', one) : one)) });
}

export function fail(run: PromotionRun, step: StepName, refusal: Refusal): void {
  mark(run, step, { state: 'failed', endedAt: now(), summary: refusal.message });
}

export function markUndone(run: PromotionRun, step: StepName, summary: string): void {
  mark(run, step, { state: 'undone', endedAt: now(), summary });
}

export function attend(run: PromotionRun, step: StepName, refusal: Refusal, since = now()): Attention {
  const attention: Attention = { ...refusal, step, since };
  change(run, { attention });
  return attention;
}

export function wait(run: PromotionRun, kind: WaitKind, phase: PromotionPhase, waiting: Waiting): void {
  waitQuietly(run, kind, phase, waiting);
  tellWait(run, TOLD_AS[kind], kind, waiting);
}

/** For a wait that is better known in a moment: shown everywhere, and told then. */
export function waitQuietly(run: PromotionRun, kind: WaitKind, phase: PromotionPhase, waiting: Waiting): void {
  change(run, { phase, waiting });
  upsertSearchAttributes([{ key: WAITING_FOR, value: kind }]);
}

export function goOn(run: PromotionRun, phase: PromotionPhase): void {
  const { waiting: _, attention: __, ...rest } = run.status;
  run.status = { ...rest, phase };
  show(run);
  upsertSearchAttributes([{ key: WAITING_FOR, value: null }]);
}

/** A pause that was announced has begun, or will not. */
export function pauseNoMore(run: PromotionRun): void {
  if (run.status.pausing === undefined) return;
  const { pausing: _, ...rest } = run.status;
  run.status = rest;
  show(run);
}

/** What was under way when the end came is not under way any more; undo marks anew what it undoes. */
export function settle(run: PromotionRun, { reason }: Outcome): void {
  const settled = { state: 'failed', endedAt: now(), summary: reason } as const;
  change(run, { steps: run.status.steps.map((one) => (one.state === 'running' ? { ...one, ...settled } : one)) });
}

export function conclude(run: PromotionRun, outcome: Outcome): void {
  const { waiting: _, attention: __, step: ___, next: ____, pausing: _____, ...rest } = run.status;
  run.status = { ...rest, phase: 'finished', outcome, endedAt: now(), undoPlan: [] };
  show(run);
  upsertSearchAttributes([{ key: OUTCOME, value: outcome.kind }]);
  tell(run, outcome.kind);
}

/** Applies `fields` to the status and shows it. */
export function change(run: PromotionRun, fields: Partial<PromotionStatus>): void {
  run.status = { ...run.status, ...fields };
  show(run);
}

export function undoPlanOf(run: PromotionRun): readonly string[] {
  return [...run.undo].reverse().flatMap((undo) => undo.parts.map((part) => part.does));
}

/** ISO 8601 times in UTC sort as text. */
function latest(...times: readonly string[]): string {
  return times.reduce((a, b) => (a > b ? a : b));
}

type Marked = Partial<StepStatus> & { readonly state: StepState };

function mark(run: PromotionRun, step: StepName, fields: Marked): void {
  note(run, step, fields);
  show(run);
}

function note(run: PromotionRun, step: StepName, fields: Marked): void {
  const known = run.status.steps.some((one) => one.step === step);
  const steps = known ? run.status.steps : [...run.status.steps, blank(step, fields.state)];
  const changed = steps.map((one) => (one.step === step ? { ...one, ...fields } : one));
  const next = changed.find((one) => one.state === 'pending');
  const { next: _, ...rest } = run.status;
  run.status = {
    ...rest,
    steps: changed,
    step,
    undoPlan: undoPlanOf(run),
    ...(next === undefined ? {} : { next: next.does }),
  };
}

function blank(
  step: StepName,
  state: StepState,
  texts: { readonly does: string; readonly undo: string } = { does: step, undo: '' },
): StepStatus {
  return { step, state, does: texts.does, undo: texts.undo };
}

function show(run: PromotionRun): void {
  setCurrentDetails(promotionDetails(run.status));
}
