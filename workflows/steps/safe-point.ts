/** The moments between two steps at which a promotion obeys: it ends, or waits out a pause or a stop. */
import { condition, setHandler } from '@temporalio/workflow';
import { restraintsSignal, restraintsUpdate } from '../../src/contract/environment-workflow.ts';
import { describeRestraint, isRestraint, type Restraint, restraintsOn } from '../../src/domain/restraint.ts';
import { isSafePointBefore, type StepName } from '../../src/domain/step.ts';
import { goOn, pauseNoMore, wait } from './journal.ts';
import { command, liftOf, overriding, throwIfEnded } from './orders.ts';
import { passableOf } from './override.ts';
import type { PromotionRun } from './run.ts';
import { tell } from './telling.ts';
import { failureOf } from './trouble.ts';

export function listenForRestraints(run: PromotionRun): void {
  const hear = (restraints: readonly Restraint[], fence?: number): void => {
    if (areRestraints(restraints)) run.restrained = { restraints, fence };
  };
  setHandler(restraintsSignal, hear);
  setHandler(restraintsUpdate, hear, {
    validator: (restraints, _fence) => {
      if (!areRestraints(restraints)) throw failureOf({ code: 'input-invalid', message: 'no list of stops and holds' });
    },
  });
}

function areRestraints(said: unknown): said is readonly Restraint[] {
  return Array.isArray(said) && said.every(isRestraint);
}

/**
 * Undefined when there is nothing to wait for, as nearly always and between the halves of a pair: every promise of a workflow has its
 * stack written down by the SDK, and costs more than a step's own bookkeeping. Throws `Ending` when somebody has ended it.
 */
export function safePoint(run: PromotionRun, before: StepName): Promise<void> | undefined {
  if (!isSafePointBefore(before)) return undefined;
  throwIfEnded(run);
  if (run.orders.pause === undefined && stopOf(run) === undefined) return undefined;
  return standStill(run, before);
}

/** A pause may be asked for while a stop is waited out. */
async function standStill(run: PromotionRun, before: StepName): Promise<void> {
  do {
    await waitOutPause(run, before);
    await waitOutStop(run, before);
  } while (run.orders.pause !== undefined);
}

async function waitOutPause(run: PromotionRun, before: StepName): Promise<void> {
  const { orders } = run;
  while (orders.pause !== undefined) {
    const { by, reason, since, untilMs } = orders.pause;
    const remaining = untilMs - Date.now();
    if (remaining <= 0) break;
    pauseNoMore(run);
    wait(run, 'operator', 'paused', {
      reason: `${by} paused it before ${before}${reason === '' ? '' : `: ${reason}`}`,
      for: 'an operator',
      since,
      until: new Date(untilMs).toISOString(),
      then: 'it goes on by itself',
      answer: [command(run, 'resume'), command(run, 'abort')],
    });
    const held = orders.pause;
    await condition(() => orders.pause !== held || orders.end !== undefined, remaining, { summary: 'paused' });
    goOn(run, 'working');
    throwIfEnded(run);
    if (orders.pause === undefined || orders.pause === held) tell(run, 'resumed');
    if (orders.pause === held) break;
  }
  orders.pause = undefined;
  pauseNoMore(run);
}

/** Only where it has begun: who has no lease yet is not given one while a stop is in force. */
async function waitOutStop(run: PromotionRun, before: StepName): Promise<void> {
  const first = stopOf(run);
  for (let stop = first; stop !== undefined; stop = stopOf(run)) {
    const { since, until } = stop;
    const remaining = Date.parse(until ?? since) - Date.now();
    wait(run, 'stop', 'stopped', {
      reason: `before ${before}: ${describeRestraint(stop)}`,
      for: stop.by,
      since,
      ...(until === undefined ? {} : { until }),
      then: 'it goes on by itself',
      ...passableOf(run, stop),
      answer: [liftOf(stop, run.input.environment), ...overriding(run, stop), command(run, 'abort')],
    });
    const { restrained: known, orders } = run;
    const isNews = (): boolean => run.restrained !== known || run.passes.includes('stop') || orders.end !== undefined;
    await condition(isNews, Math.max(remaining, 1), { summary: 'stopped' });
    goOn(run, 'working');
    throwIfEnded(run);
  }
  if (first !== undefined) tell(run, 'resumed');
}

/** The stop that lasts longest, unless somebody let this promotion pass stops. */
function stopOf({ restrained: { restraints, fence }, fence: own, passes, input }: PromotionRun): Restraint | undefined {
  // whoever has given its lease back is not told any more how it goes on
  if (passes.includes('stop') || fence !== own) return undefined;
  const stops = restraintsOn(restraints, input.service, Date.now()).filter((one) => one.kind === 'stop');
  return [...stops].sort((a, b) => (b.until ?? '').localeCompare(a.until ?? ''))[0];
}
