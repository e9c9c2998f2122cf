/** The way back: in reverse, not cancellable, each part until it succeeds or a person gives it up. Nothing is swallowed. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { StepAnswer } from '../../src/contract/activities.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { UNDO_AGAIN_MS } from './activity-options.ts';
import { attend, change, enter, goOn, markUndone, undoPlanOf, wait } from './journal.ts';
import { command } from './orders.ts';
import { now, type PromotionRun, type Undo, type UndoPart } from './run.ts';
import { tell } from './telling.ts';
import { refusalFrom } from './trouble.ts';

/** Resolves to what was given up, for the outcome's reason; empty when everything was undone. */
export async function undoEverything(run: PromotionRun): Promise<readonly string[]> {
  return CancellationScope.nonCancellable(async () => {
    const givenUp: string[] = [];
    enter(run, 'undoing');
    if (run.undo.length > 0) tell(run, 'undoing');
    for (let undo = run.undo.at(-1); undo !== undefined; undo = run.undo.at(-1)) {
      givenUp.push(...(await undoOne(run, undo)));
      run.undo.pop();
      change(run, { undoPlan: undoPlanOf(run) });
    }
    return givenUp;
  });
}

async function undoOne(run: PromotionRun, undo: Undo): Promise<string[]> {
  const summaries: string[] = [];
  const givenUp: string[] = [];
  for (const part of undo.parts) {
    const summary = await untilDone(run, undo, part);
    if (summary === undefined) givenUp.push(part.does);
    else summaries.push(summary);
  }
  markUndone(run, undo.step, [...summaries, ...givenUp.map((does) => `GIVEN UP: ${does}`)].join('; '));
  return givenUp;
}

/** The part's summary; undefined when a person gave it up. */
async function untilDone(run: PromotionRun, undo: Undo, part: UndoPart): Promise<string | undefined> {
  let since: string | undefined;
  for (;;) {
    const answer = await answerOf(run, part);
    if (answer.ok) return answer.summary;
    since ??= now();
    if (await stuck(run, undo, part, { refusal: answer.refusal, since })) return undefined;
  }
}

async function answerOf(run: PromotionRun, part: UndoPart): Promise<StepAnswer> {
  try {
    return await part.act(run);
  } catch (error) {
    return { ok: false, refusal: refusalFrom(error) };
  }
}

interface Trouble {
  readonly refusal: Refusal;
  /** ISO 8601; when this part first went wrong. */
  readonly since: string;
}

/** Waits for `retry`, for time to try again by itself, or for somebody who gives this part up (true). */
async function stuck(run: PromotionRun, undo: Undo, part: UndoPart, { refusal, since }: Trouble): Promise<boolean> {
  const { orders } = run;
  attend(run, undo.step, { ...refusal, message: `undo could not ${part.does}: ${refusal.message}` }, since);
  wait(run, 'undo', 'undo-stuck', {
    reason: `undo of ${undo.step} is stuck: ${refusal.message}`,
    for: 'an operator',
    since,
    until: new Date(Date.now() + UNDO_AGAIN_MS).toISOString(),
    then: 'it tries again by itself',
    answer: [command(run, 'retry'), `${command(run, 'abort')} --reason "…"   (gives this undo up)`],
  });
  const before = { retries: orders.retries, givenUp: orders.givenUp };
  await condition(() => orders.retries > before.retries || orders.givenUp > before.givenUp, UNDO_AGAIN_MS, {
    summary: `undo stuck: ${part.does}`,
  });
  goOn(run, 'undoing');
  return orders.givenUp > before.givenUp;
}
