/** Running one step: its undo is registered first, trouble parks it, `retry` goes on without repeating finished steps. */
import { condition, isCancellation } from '@temporalio/workflow';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { StepName } from '../../src/domain/step.ts';
import type { StepAnswer } from '../../src/contract/activities.ts';
import { attend, begin, fail, finish, goOn, wait } from './journal.ts';
import { command, throwIfEnded } from './orders.ts';
import { Ending, type PromotionRun, type UndoPart } from './run.ts';
import { safePoint } from './safe-point.ts';
import { tell } from './telling.ts';
import { isFinal, refusalFrom } from './trouble.ts';

export interface Step {
  readonly name: StepName;
  readonly act: (run: PromotionRun, summary: string) => Promise<StepAnswer>;
  /** What a "no" means: refuse the release, roll the environment back, or ask a person. */
  readonly no: 'refuse' | 'roll-back' | 'ask';
  /** Registered before the step runs. */
  readonly undo?: readonly UndoPart[];
  /** The plan saw no need for it, and something has come up since. */
  readonly evenIfSkipped?: true;
}

export async function perform(run: PromotionRun, step: Step): Promise<void> {
  const intent = run.planned?.plan.steps.find((one) => one.step === step.name);
  if (intent?.skipped !== undefined && step.evenIfSkipped !== true) return;
  const still = safePoint(run, step.name);
  if (still !== undefined) await still;
  if (step.undo !== undefined) run.undo.push({ step: step.name, parts: step.undo });
  for (;;) {
    begin(run, step.name);
    let answer: Answer;
    try {
      answer = await step.act(run, intent?.does ?? step.name);
    } catch (error) {
      if (isCancellation(error)) throw error;
      answer = { ok: false, refusal: refusalFrom(error), failed: true };
    }
    if (answer.ok) return finish(run, step.name, answer);
    fail(run, step.name, answer.refusal);
    const means = meaningOf(step, answer);
    if (means !== 'ask')
      throw new Ending({ kind: OUTCOME_OF[means], reason: answer.refusal.message, refusal: answer.refusal });
    await askForHelp(run, step.name, answer.refusal);
    // whoever tries again is kept by a pause and a stop like anybody who goes on
    const again = safePoint(run, step.name);
    if (again !== undefined) await again;
  }
}

const OUTCOME_OF = { refuse: 'refused', 'roll-back': 'rolled-back' } as const;

/** `failed`: it answered by a failure, which asks for help instead of ending anything. */
type Answer = StepAnswer & { readonly failed?: true };

function meaningOf(step: Step, answer: Answer & { readonly ok: false }): Step['no'] {
  if (answer.failed !== true) return step.no;
  return isFinal(answer.refusal) ? 'refuse' : 'ask';
}

/** Parks as "needs attention": what failed, expected against got, what to do. Returns on `retry`. */
async function askForHelp(run: PromotionRun, step: StepName, refusal: Refusal): Promise<void> {
  const { orders, input } = run;
  const attention = attend(run, step, refusal);
  const until = Date.now() + input.timing.attentionForMs;
  wait(run, 'attention', 'needs-attention', {
    reason: `${step} could not go on: ${refusal.message}`,
    for: 'an operator',
    since: attention.since,
    until: new Date(until).toISOString(),
    then: 'what was done is undone',
    answer: [command(run, 'retry'), command(run, 'rollback'), command(run, 'abort')],
  });
  const before = orders.retries;
  const answered = await condition(
    () => orders.retries > before || orders.end !== undefined,
    input.timing.attentionForMs,
    {
      summary: `needs attention: ${step}`,
    },
  );
  goOn(run, 'working');
  throwIfEnded(run);
  if (answered) return tell(run, 'resumed');
  const reason = `${step} needed attention and nobody came: ${refusal.message}`;
  throw new Ending({
    kind: 'rolled-back',
    reason,
    refusal: { ...refusal, code: 'attention-expired', message: reason },
  });
}
