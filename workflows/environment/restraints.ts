/** Stops and holds: set, lifted, written down where the environment's own credentials are, and told to whoever is under way. */
import { condition, isCancellation, setHandler } from '@temporalio/workflow';
import {
  type LiftCommand,
  liftUpdate,
  type RestrainCommand,
  type RestraintAnswer,
  restrainSignal,
  restrainUpdate,
} from '../../src/contract/environment-workflow.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { cutAfter } from '../../src/domain/plain-text.ts';
import {
  insteadOf,
  isInForce,
  isRepetition,
  moved,
  ofScope,
  type Restraint,
  without,
  withPast,
  withRestraint,
} from '../../src/domain/restraint.ts';
import { faultOfLift, faultOfNumber, faultOfRestraint, MOST_WITH_ROLLBACKS } from '../../src/domain/restraint-words.ts';
import { type Fault, LONGEST_NAME, LONGEST_REASON } from '../../src/domain/said.ts';
import { type Unread, unreadLine, unreadOf } from '../../src/domain/unread.ts';
import { deskActivities, tellers, UNWRITTEN_FOR_MS, WRITE_WAIT_MS } from '../steps/activity-options.ts';
import { now } from '../steps/run.ts';
import { failureOf } from '../steps/trouble.ts';
import { announce } from './announce.ts';
import { type Desk, forgetEnded, stir } from './desk.ts';
import { forget } from './holders.ts';

/** As many as one message holds with ease. */
const TOLD_AT_ONCE = 1_000;

export function listenForRestraints(desk: Desk): void {
  if (desk.isUnwritten) void writeDown(desk);

  async function change(restraints: readonly Restraint[], said: string): Promise<RestraintAnswer> {
    const wasUnread = desk.unread !== undefined;
    desk.restraints = restraints;
    mustBeWritten(desk);
    const told = tellHolders(desk);
    void writeDown(desk);
    // whoever hears that it is stopped may count on it that those inside have been told
    await condition(() => !desk.isUnwritten && !desk.isTellingHolders, WRITE_WAIT_MS, {
      summary: `${desk.environment} writes it down, and those inside are told`,
    });
    const { unread } = desk;
    return {
      message: unread === undefined ? said : `${said}; ${unreadLine(desk.environment, unread)}`,
      // who is inside may have become known only now, and has been told then
      told: wasUnread ? desk.turns.held.length : told,
      enforced: !desk.isUnwritten && unread === undefined,
    };
  }
  function restrain(command: RestrainCommand): Promise<RestraintAnswer> {
    forgetEnded(desk);
    const words = restraintFrom(command);
    const before = ofScope(desk.restraints, words);
    const added = moved(before, words);
    // a roll-back whose worker died before it heard that its hold has arrived says it again
    if (isRepetition(added, desk.restraints)) return change(desk.restraints, saidOf(desk, command));
    bury(desk, added, { how: 'replaced', by: command.by });
    announce(desk, 'restrained', added);
    const said = [saidOf(desk, command), ...(before === undefined ? [] : [insteadOf(before)])].join(', ');
    return change(withRestraint(desk.restraints, added), said);
  }
  /** Whether there is such a one is not known before what the environment remembers has been read. */
  async function lift(command: LiftCommand): Promise<RestraintAnswer> {
    const isUnknown = (): boolean => unreadOf(desk.unread, command.service) !== undefined;
    const summary = `what ${desk.environment} remembers`;
    if (isUnknown()) await condition(() => !isUnknown(), WRITE_WAIT_MS, { summary });
    forgetEnded(desk);
    refuse(problemOfLift(desk, command));
    const { kind, by, reason } = command;
    const why = reason === undefined || reason === '' ? {} : { reason };
    const lifted = ofScope(desk.restraints, command);
    bury(desk, command, { how: 'lifted', by, ...why });
    const answer = change(without(desk.restraints, command), `${by} lifted the ${kind} on ${scope(desk, command)}`);
    if (lifted !== undefined) announce(desk, 'lifted', lifted, { by, ...why });
    return answer;
  }

  setHandler(restrainUpdate, restrain, { validator: (command) => refuse(problemOf(desk, command)) });
  setHandler(restrainSignal, async (command) => {
    const said = shortened(command);
    if (problemOf(desk, said, MOST_WITH_ROLLBACKS) === undefined) await restrain(said);
  });
  setHandler(liftUpdate, lift, {
    validator: (command) => {
      refuse(malformed(faultOfLift(command)));
      if (unreadOf(desk.unread, command.service) === undefined) refuse(problemOfLift(desk, command));
    },
  });
}

/** The environment's own workers are to write it down; nobody is let go until they have, or for as long as patience lasts. */
export function mustBeWritten(desk: Desk): void {
  desk.isUnwritten = true;
  desk.patientUntilMs = Date.now() + UNWRITTEN_FOR_MS;
  stir(desk);
}

/** What is replaced or lifted is told for a while. */
function bury(
  desk: Desk,
  which: Pick<Restraint, 'kind' | 'service'>,
  how: { readonly how: 'lifted' | 'replaced'; readonly by: string; readonly reason?: string },
): void {
  const kept = without(desk.restraints, which);
  const over = desk.restraints.filter((one) => !kept.includes(one));
  desk.past = withPast(
    desk.past,
    over.map((one) => ({ ...one, end: { ...how, at: now() } })),
  );
}

/**
 * Has the environment's own workers remember the whole list, until the list that they know is the present one. One at a time: the last
 * word is the last one written. They try for as long as it takes; a run that ends first leaves the rest to the next one.
 */
export async function writeDown(desk: Desk): Promise<void> {
  // what has not been read would be forgotten
  if (desk.isWriting || (desk.unread !== undefined && desk.unread.services === undefined)) return;
  desk.isWriting = true;
  try {
    while (desk.isUnwritten) await writeOnce(desk);
  } catch (error) {
    // a desk that somebody cancelled ends; whoever opens the next one has it read what was written
    if (!isCancellation(error)) throw error;
  }
  stir(desk);
  desk.isWriting = false;
}

async function writeOnce(desk: Desk): Promise<void> {
  const { environment, restraints, unread } = desk;
  const summary = `${restraints.length} stops and holds in ${environment}`;
  const except = unread?.services;
  const request = { environment, restraints, ...(except === undefined ? {} : { except }) };
  await deskActivities(environment).writeRestraints.executeWithOptions({ summary }, [request]);
  if (desk.restraints === restraints) desk.isUnwritten = false;
}

/** How many are told now. Never waited for: one round after the other, so that the last word is the last one that anybody hears. */
export function tellHolders(desk: Desk): number {
  desk.isUntold = true;
  if (!desk.isTellingHolders) void tellInTurn(desk);
  return desk.turns.held.length;
}

async function tellInTurn(desk: Desk): Promise<void> {
  desk.isTellingHolders = true;
  desk.telling += 1;
  try {
    while (desk.isUntold) await tellOnce(desk);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  desk.telling -= 1;
  desk.isTellingHolders = false;
  stir(desk);
}

async function tellOnce(desk: Desk): Promise<void> {
  desk.isUntold = false;
  const { environment, restraints } = desk;
  const inside = desk.turns.held.map(({ service, workflowId, runId, fence }) => ({
    service,
    workflowId,
    runId,
    fence,
  }));
  for (let first = 0; first < inside.length; first += TOLD_AT_ONCE) {
    const holders = inside.slice(first, first + TOLD_AT_ONCE);
    const summary = `tells ${holders.length} under way in ${environment} what is stopped`;
    const { gone } = await tellers().tellRestraints.executeWithOptions({ summary }, [{ restraints, holders }]);
    for (const runId of gone) forget(desk, runId);
  }
}

function restraintFrom({ kind, service, by, reason, incident, forMs }: RestrainCommand): Restraint {
  return {
    ...{ kind, by, reason, since: now() },
    ...(service === undefined ? {} : { service }),
    ...(incident === undefined ? {} : { incident }),
    ...(forMs === undefined ? {} : { until: new Date(Date.now() + forMs).toISOString() }),
  };
}

function saidOf(desk: Desk, command: RestrainCommand): string {
  const end =
    command.forMs === undefined
      ? 'until somebody lifts it'
      : `until ${new Date(Date.now() + command.forMs).toISOString()}`;
  return `${command.by} set a ${command.kind} on ${scope(desk, command)} ${end}`;
}

function scope({ environment }: Desk, { service }: { readonly service?: string }): string {
  return service === undefined ? `every service in ${environment}` : `${service} in ${environment}`;
}

/** Nobody hears a "no" to a signal: a hold whose reason or name is too long is better than none. */
function shortened(command: RestrainCommand): RestrainCommand {
  if (typeof command?.reason !== 'string' || typeof command.by !== 'string') return command;
  return { ...command, reason: cutAfter(command.reason, LONGEST_REASON), by: cutAfter(command.by, LONGEST_NAME) };
}

/** Undefined when the command may be obeyed. Synchronous, as validators must be. */
function problemOf(desk: Desk, command: RestrainCommand, most?: number): Refusal | undefined {
  const fault = faultOfRestraint(command);
  return malformed(fault ?? faultOfNumber(desk.restraints, restraintFrom(command), Date.now(), most));
}

function problemOfLift(desk: Desk, command: LiftCommand): Refusal | undefined {
  const unread = unreadOf(desk.unread, command.service);
  if (unread !== undefined) return notKnown(desk, command, unread);
  const inForce = desk.restraints.filter((one) => isInForce(one, Date.now()));
  const set = ofScope(inForce, command);
  if (set !== undefined && (command.setFor?.includes(set.reason) ?? true)) return undefined;
  const known = inForce.map((one) => `${one.kind} on ${scope(desk, one)}`).join(', ');
  const which = command.setFor === undefined ? command.kind : `such ${command.kind}`;
  const message = `there is no ${which} on ${scope(desk, command)}; in force: ${known === '' ? 'nothing' : known}`;
  return { code: 'command-not-possible', message };
}

function notKnown(desk: Desk, command: LiftCommand, unread: Unread): Refusal {
  return {
    code: unread.code,
    message: `whether there is a ${command.kind} on ${scope(desk, command)} is not known: ${unreadLine(desk.environment, unread)}`,
    remedy: `see that a worker of ${desk.environment} runs and may read its cluster, then say it again`,
  };
}

function malformed(fault: Fault | undefined): Refusal | undefined {
  return fault === undefined ? undefined : { code: 'input-invalid', ...fault };
}

function refuse(problem: Refusal | undefined): void {
  if (problem !== undefined) throw failureOf(problem);
}
