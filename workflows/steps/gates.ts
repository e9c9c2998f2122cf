/** Waiting until the gates of the environment let the promotion pass: asked at once, and again when they may answer otherwise. */
import { condition } from '@temporalio/workflow';
import type { GatesAnswer } from '../../src/contract/activities.ts';
import type { Waiting } from '../../src/contract/status.ts';
import { GATES_FOR_MS, type GateVerdict, REFUSED_FOR_MS } from '../../src/domain/gate.ts';
import { type RestraintKind, RESTRAINTS } from '../../src/domain/restraint.ts';
import { GATES_AGAIN_MS, RESTRAINTS_AGAIN_MS } from './activity-options.ts';
import { goOn, wait } from './journal.ts';
import { command, liftOf, overrideOf, throwIfEnded } from './orders.ts';
import { passesOf } from './override.ts';
import { perform, type Step } from './perform.ts';
import { Ending, now, planned, type PromotionRun, stepRequest, whatItIs } from './run.ts';
import { askSoaked } from './soaking.ts';
import { askForTurn, giveTurnBack, isDecided, throwIfSuperseded } from './turn.ts';

export type Closed = GatesAnswer & { readonly ok: true };

/** Returns when all gates say yes; ends the promotion when one says no, or none opened in time. `since`: they have kept it out. */
export async function passGates(run: PromotionRun, again: boolean, since = now()): Promise<void> {
  // plans of older engines know no gates, or no stops and holds
  const { steps, turns } = planned(run).plan;
  const listed = steps.find((one) => one.step === 'gates');
  if (listed === undefined) return;
  if (listed.skipped !== undefined && !(again && turns !== undefined)) return;
  const patience = Date.now() + GATES_FOR_MS;
  let isDeskRight = true;
  for (;;) {
    let closed: Closed | undefined;
    await perform(
      run,
      gates((answer) => (closed = answer.answer === 'wait' ? answer : undefined)),
    );
    // nobody holds an environment for as long as people think
    if (closed === undefined) return planned(run).plan.approval === undefined ? undefined : giveTurnBack(run);
    // a desk that was opened anew does not know what the zone still enforces
    if (run.turn?.kind === 'given') isDeskRight = false;
    if (!isDeskRight) await giveTurnBack(run);
    const deadline = deadlineOf(run, closed, patience);
    if (Date.now() >= deadline) throw tooLate(run, closed);
    await untilLooked(run, closed, { since, deadline, isDeskRight });
  }
}

/** Milliseconds: when the gates could all be open, as the zone sees it now. Undefined: they are, or nobody can tell. */
export async function nextOpeningMs(run: PromotionRun): Promise<number | undefined> {
  const listed = planned(run).plan.steps.find((one) => one.step === 'gates');
  if (listed === undefined || listed.skipped !== undefined) return undefined;
  const summary = `when ${run.input.environment} opens next`;
  const answer = await run.hands.checkGates.executeWithOptions({ summary }, [stepRequest(run)]);
  return answer.ok && answer.answer === 'wait' && answer.until !== undefined ? Date.parse(answer.until) : undefined;
}

/** A no is waited for as long as people are asked, in all: at the gates and at the door. */
function deadlineOf(run: PromotionRun, { verdicts }: Closed, patience: number): number {
  const isRefused = verdicts.some(isNo);
  run.refusedMs = isRefused ? (run.refusedMs ?? Date.now()) : undefined;
  if (run.refusedMs === undefined) return patience;
  return Math.min(patience, run.refusedMs + (planned(run).plan.approval?.deadlineMs ?? REFUSED_FOR_MS));
}

function isNo({ answer }: GateVerdict): boolean {
  return answer === 'no';
}

/** A gate that closes again and again must not keep the engine busy: it is waited for like any other. */
export async function waitAtTheDoor(run: PromotionRun, closed: Closed, since: string): Promise<void> {
  const deadline = deadlineOf(run, closed, Date.now() + GATES_FOR_MS);
  await untilLooked(run, closed, { since, deadline, isDeskRight: true });
}

function gates(hear: (answer: Closed) => void): Step {
  return {
    name: 'gates',
    no: 'refuse',
    evenIfSkipped: true,
    async act(run, summary) {
      const asking = askSoaked(run);
      if (asking !== undefined) await asking;
      const answer = await run.hands.checkGates.executeWithOptions({ summary }, [stepRequest(run)]);
      if (!answer.ok) return answer;
      hear(answer);
      // what goes back is asked by no gate, and passes all the same
      if (run.input.rollback === undefined) run.passes = passesOf(run, passedBy(answer.verdicts));
      const facts = Object.fromEntries(answer.verdicts.map((one) => [one.gate, `${one.answer}: ${one.reason}`]));
      return { ok: true, summary: answer.verdicts.map((one) => `${one.gate} ${wordOf(one)}`).join(', '), facts };
    },
  };
}

function passedBy(verdicts: readonly GateVerdict[]): RestraintKind[] {
  return RESTRAINTS.filter((kind) => verdicts.some((one) => one.kind === kind && one.overriddenBy !== undefined));
}

function wordOf({ answer, overriddenBy }: GateVerdict): string {
  if (overriddenBy !== undefined) return `passed by ${overriddenBy.by}`;
  return answer === 'yes' ? 'is open' : 'is closed';
}

interface Limits {
  readonly since: string;
  readonly deadline: number;
  /** Whether the desk is believed to know which stops and holds are in force. */
  readonly isDeskRight: boolean;
}

async function untilLooked(run: PromotionRun, closed: Closed, { since, deadline, isDeskRight }: Limits): Promise<void> {
  const waiting = closed.verdicts.filter((one) => one.answer !== 'yes');
  const restraints = waiting.flatMap((one) => one.restraints ?? []);
  const until = Math.min(deadline, nextLookMs(closed, waiting));
  wait(run, 'gate', 'waiting-for-gate', {
    reason: waiting.map((one) => `${one.gate}: ${one.reason}`).join('; '),
    for: [...new Set(waiting.flatMap(endedBy))].join(', '),
    since,
    ...endOf(run, closed, waiting, deadline),
    passable: waiting.flatMap(({ gate, reason, override: groups }) =>
      groups === undefined ? [] : [{ gate, said: reason, groups }],
    ),
    answer: [
      ...restraints.map((one) => liftOf(one, run.input.environment)),
      ...waiting.flatMap(({ gate, override }) => overrideOf(run, gate, override)),
      ...(waiting.some(({ kind }) => kind === 'external') ? [`${command(run, 'retry')}   (asks again now)`] : []),
      command(run, 'abort'),
    ],
  });
  // the zone's clock may be a little behind the one that set this timer
  const remaining = Math.max(until - Date.now(), CLOCKS_DIFFER_MS);
  const { overrides: known, orders } = run;
  const { retries } = orders;
  // the desk keeps them out as well, and gives the lease in the moment in which it lets them go
  const { turns } = planned(run).plan;
  if (turns !== undefined && isDeskRight && waiting.every(isByPerson)) askForTurn(run, turns);
  const isTold = (): boolean => orders.end !== undefined || orders.retries > retries || run.overrides !== known;
  const isNews = (): boolean => isTold() || isDecided(run);
  await condition(isNews, remaining, { summary: `closed: ${waiting.map((one) => one.gate).join(', ')}` });
  goOn(run, 'planning');
  throwIfEnded(run);
  throwIfSuperseded(run);
  // what it may pass by now is for the desk to know
  if (run.overrides !== known) await giveTurnBack(run);
}

/** What a person has closed a person may open at any moment; who waits for other gates too is told by nobody. */
function nextLookMs(closed: Closed, waiting: readonly GateVerdict[]): number {
  const byItself = byItselfMs(closed);
  return waiting.some(isByPerson) ? Math.min(byItself, Date.now() + RESTRAINTS_AGAIN_MS) : byItself;
}

function byItselfMs({ until }: Closed): number {
  return until === undefined ? Date.now() + GATES_AGAIN_MS : Date.parse(until);
}

/** Who closed it, where a person did; else who may open it sooner. */
function endedBy({ restraints = [], for: whom = 'the gate to open' }: GateVerdict): readonly string[] {
  return restraints.length === 0 ? [whom] : restraints.map((one) => one.by);
}

/** What a person has closed is looked at more often than people need to know: they are told its end. */
function endOf(
  run: PromotionRun,
  closed: Closed,
  waiting: readonly GateVerdict[],
  deadline: number,
): Pick<Waiting, 'until' | 'then'> {
  const isEndless = waiting.some((one) => isNo(one) || (isByPerson(one) && one.until === undefined));
  const end = isEndless ? Number.POSITIVE_INFINITY : byItselfMs(closed);
  if (end >= deadline) return { until: new Date(deadline).toISOString(), then: `${whatItIs(run)} is refused` };
  return { until: new Date(end).toISOString(), then: 'the gates are asked again' };
}

function isByPerson({ kind }: GateVerdict): boolean {
  return RESTRAINTS.some((one) => one === kind);
}

const CLOCKS_DIFFER_MS = 1_000;

function tooLate(run: PromotionRun, closed: Closed): Ending {
  const refusal = closed.verdicts.find(isNo)?.refusal;
  if (refusal !== undefined) {
    return new Ending({ kind: 'refused', reason: `${refusal.message}; nobody let it pass in time`, refusal });
  }
  const names = closed.verdicts.filter((one) => one.answer !== 'yes').map((one) => one.gate);
  const message = `the gates of ${run.input.environment} stayed closed: ${names.join(', ')}`;
  const remedy = 'start a new version when they are open';
  return new Ending({ kind: 'refused', reason: message, refusal: { code: 'gate-closed', message, remedy } });
}
