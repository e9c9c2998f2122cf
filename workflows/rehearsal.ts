/**
 * Whether the way back works: first by looking, then, where it is wanted for real, by the engine's own roll-back to what ran before and by
 * another one forward again. Whoever has gone back comes forward, also when this is cancelled meanwhile. Its hold is lifted only where
 * everything is as it was; otherwise it stays, and what is left is said.
 */
import { CancellationScope, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type {
  RehearsalCheck,
  RehearsalInput,
  RehearsalLeg,
  RehearsalStatus,
  WayBack,
} from '../src/contract/rehearsal-workflow.ts';
import { reasonOfHold } from '../src/contract/rollback-workflow.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { Timing } from '../src/domain/rulebook.ts';
import { askers, engineActivities, environmentActivities } from './steps/activity-options.ts';
import { type Ends, goLeg, leftAfter } from './rehearsing/legs.ts';
import { openRehearsal, type Rehearsing } from './rehearsing/run.ts';
import { whoHasEnded } from './steps/still-there.ts';
import { refusalFrom } from './steps/trouble.ts';

export async function rehearsal(input: RehearsalInput): Promise<RehearsalStatus> {
  const run = openRehearsal(input);
  const journey = await engineActivities().readJourney({
    ...{ service: input.service, version: 'any', until: input.environment },
  });
  if (!journey.ok) return run.end(false, journey.refusal.message, { checks: [failed('way', journey.refusal)] });
  const { timing } = journey;
  if (input.finish !== undefined)
    return CancellationScope.nonCancellable(() => finish(run, input.finish as Ends, timing));
  const ends = await look(run, timing);
  if (ends === undefined || !input.forReal) return run.status;
  // whoever was cancelled while it looked has changed nothing; from here on it is seen to that everything is as it was
  const hasGoneBack = await goBack(run, ends);
  return CancellationScope.nonCancellable(async () => {
    if (hasGoneBack) await goForward(run, ends);
    return settle(run, ends, timing);
  });
}

/** What an earlier rehearsal has left. Somebody may have seen to it meanwhile: then its hold is all there is to do. */
async function finish(run: Rehearsing, ends: Ends, timing: Timing): Promise<RehearsalStatus> {
  run.change(ends);
  const asItWas = await proveAsItWas(run, ends, timing);
  if (!asItWas.every(({ ok }) => ok)) await goForward(run, ends);
  return settle(run, ends, timing);
}

/** Ends it where something stands in the way, and where looking was all that was wanted. */
async function look(run: Rehearsing, timing: Timing): Promise<Ends | undefined> {
  const { service, environment, to, forReal } = run.input;
  const request = { service, environment, ...(to === undefined ? {} : { to }) };
  const summary = `whether ${environment} could go back`;
  try {
    const found = await environmentActivities(environment, timing).checkWayBack.executeWithOptions({ summary }, [
      request,
    ]);
    const { from, to: back, asks, undo } = found;
    const checks = [...found.checks, await underWay(found)];
    const known = { ...(from === undefined ? {} : { from }), ...(back === undefined ? {} : { to: back }) };
    run.change({ ...known, checks, asks, undo });
    const wrong = checks.filter(({ ok }) => !ok);
    if (wrong.length > 0 || from === undefined || back === undefined) {
      const names = wrong.map(({ check }) => check).join(', ');
      run.end(false, `${forReal ? 'nothing was changed: ' : ''}the way back would not work: ${names}`, {});
      return undefined;
    }
    if (!forReal) run.end(true, `the way back to ${back.version} is open, as far as looking tells`, {});
    return { from, to: back };
  } catch (error) {
    if (isCancellation(error)) run.end(false, 'cancelled from outside before anything was changed', {});
    else
      run.end(false, 'nobody could look whether the way back works', { checks: [failed('look', refusalFrom(error))] });
    return undefined;
  }
}

/** The environment remembers who came in; whether they are still there the server knows. */
async function underWay({ inside }: WayBack): Promise<RehearsalCheck> {
  const check = 'under way';
  if (inside === undefined) return { check, ok: true, said: 'no promotion is inside' };
  const { workflowId, runId } = inside;
  const ended = await whoHasEnded([{ workflowId, runId }]);
  if (ended.includes(runId)) return { check, ok: true, said: `${workflowId} has ended, and not well` };
  return { check, ok: false, said: `${workflowId} is under way`, remedy: 'let it end, then rehearse' };
}

/** Whether it has gone back. */
async function goBack(run: Rehearsing, { from, to }: Ends): Promise<boolean> {
  run.change({ phase: 'back' });
  const way = { to: to.version, awayFrom: from.version, ifClosed: ParentClosePolicy.REQUEST_CANCEL };
  const back = await goLeg(run, way, (leg) => run.change({ back: leg }));
  run.change(back.tookMs === undefined ? {} : { backMs: back.tookMs });
  return back.outcome?.kind === 'released';
}

async function goForward(run: Rehearsing, { from, to }: Ends): Promise<void> {
  run.change({ phase: 'forward' });
  const way = { to: from.version, awayFrom: to.version, ifClosed: ParentClosePolicy.ABANDON };
  const forward = await goLeg(run, way, (leg) => run.change({ forward: leg }));
  run.change(forward.tookMs === undefined ? {} : { forwardMs: forward.tookMs });
}

/** Proves that everything is as it was, lifts what the rehearsal itself has set, and says what is left. */
async function settle(run: Rehearsing, ends: Ends, timing: Timing): Promise<RehearsalStatus> {
  run.change({ phase: 'settling' });
  const asItWas = await proveAsItWas(run, ends, timing);
  const isAsBefore = asItWas.every(({ ok }) => ok);
  const lifted = isAsBefore ? await liftOwn(run, ends, timing) : undefined;
  const checks = [...run.status.checks, ...asItWas, ...(lifted === undefined ? [] : [lifted])];
  const left = isAsBefore ? leftHold(run, lifted) : leftAfter(run, ends);
  const { said, isDone } = ending(run, ends, isAsBefore);
  return run.end(isDone && left === undefined, said, { checks, ...(left === undefined ? {} : { left }) });
}

async function proveAsItWas(run: Rehearsing, { from }: Ends, timing: Timing): Promise<readonly RehearsalCheck[]> {
  const { service, environment } = run.input;
  const summary = `whether ${environment} runs ${from.version} as before`;
  try {
    const hands = environmentActivities(environment, timing);
    const request = { service, environment, was: from };
    return (await hands.checkAsItWas.executeWithOptions({ summary }, [request])).checks;
  } catch (error) {
    return [failed('as before', refusalFrom(error))];
  }
}

/** Another hold than its own stays: whoever set it meanwhile had a reason. */
async function liftOwn(run: Rehearsing, { from, to }: Ends, timing: Timing): Promise<RehearsalCheck> {
  const { service, environment, requestedBy } = run.input;
  const check = 'hold';
  const setFor = [to, from].map(({ version }) => reasonOfHold(version, run.reason));
  const said = { ...({ kind: 'hold', service, by: requestedBy } as const), reason: 'the rehearsal is over', setFor };
  const summary = `lifts the rehearsal's own hold on ${service} in ${environment}`;
  try {
    const answer = await askers(timing).lift.executeWithOptions({ summary }, [{ environment, said }]);
    return { check, ok: true, said: answer.said };
  } catch (error) {
    return { ...failed(check, refusalFrom(error)), remedy: `sluice hold lift ${service} --environment ${environment}` };
  }
}

function leftHold({ input }: Rehearsing, lifted: RehearsalCheck | undefined): RehearsalStatus['left'] {
  if (lifted?.ok !== false) return undefined;
  const { service, environment } = input;
  const state = `${environment} runs what it ran before, and the rehearsal's hold on ${service} may still be there`;
  return { state, todo: [`sluice hold lift ${service} --environment ${environment}`] };
}

interface Ended {
  /** In one sentence. */
  readonly said: string;
  /** As far as the two ways are concerned. */
  readonly isDone: boolean;
}

function ending({ input, status }: Rehearsing, { from, to }: Ends, isAsBefore: boolean): Ended {
  const { environment, finish: finished } = input;
  const { back, forward } = status;
  const now = isAsBefore ? `${environment} runs ${from.version} as before` : `what ${environment} runs is not proven`;
  if (finished !== undefined && forward === undefined) return { said: now, isDone: isAsBefore };
  if (finished === undefined && back?.outcome?.kind !== 'released')
    return { said: `the way back to ${to.version} does not work (${outcomeLine(back)}); ${now}`, isDone: false };
  if (forward?.outcome?.kind !== 'released') {
    const said = `back to ${to.version}, and not forward again to ${from.version} (${outcomeLine(forward)}); ${now}`;
    return { said, isDone: false };
  }
  return { said: `back to ${to.version} and forward again to ${from.version}; ${now}`, isDone: isAsBefore };
}

function outcomeLine(leg: RehearsalLeg | undefined): string {
  return leg?.outcome === undefined ? 'no outcome is known' : `${leg.outcome.kind}: ${leg.outcome.reason}`;
}

function failed(check: string, { message, remedy }: Refusal): RehearsalCheck {
  return { check, ok: false, said: message, ...(remedy === undefined ? {} : { remedy }) };
}
