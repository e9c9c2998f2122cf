/** Stops and holds: set, lifted, written down where the environment's own credentials are, and told to whoever is under way. */
import { condition, setHandler } from '@temporalio/workflow';
import {
  type LiftCommand,
  liftUpdate,
  type RestrainCommand,
  type RestraintAnswer,
  restrainSignal,
  restrainUpdate,
  restraintsSignal,
} from '../../src/contract/environment-workflow.ts';
import type { ErrorCode } from '../../src/domain/error-code.ts';
import { isInForce, type Restraint, restraintsOn, without, withRestraint } from '../../src/domain/restraint.ts';
import { deskActivities, UNWRITTEN_FOR_MS, WRITE_WAIT_MS } from '../steps/activity-options.ts';
import { now } from '../steps/run.ts';
import { failureOf } from '../steps/trouble.ts';
import { type Desk, stir } from './desk.ts';
import { tell } from './tell.ts';

export function listenForRestraints(desk: Desk): void {
  if (desk.isUnwritten) void writeDown(desk);

  async function change(restraints: readonly Restraint[], said: string): Promise<RestraintAnswer> {
    desk.restraints = restraints.filter((one) => isInForce(one, Date.now()));
    desk.isUnwritten = true;
    desk.patientUntilMs = Date.now() + UNWRITTEN_FOR_MS;
    stir(desk);
    const told = tellHolders(desk);
    void writeDown(desk);
    const enforced = await condition(() => !desk.isUnwritten, WRITE_WAIT_MS, {
      summary: `${desk.environment} writes it down`,
    });
    return { message: said, told, enforced };
  }

  setHandler(
    restrainUpdate,
    (command) => change(withRestraint(desk.restraints, restraintFrom(command)), saidOf(desk, command)),
    { validator: (command) => refuse(problemOf(command)) },
  );
  setHandler(restrainSignal, async (command) => {
    if (problemOf(command) === undefined)
      await change(withRestraint(desk.restraints, restraintFrom(command)), saidOf(desk, command));
  });
  setHandler(
    liftUpdate,
    (command) =>
      change(without(desk.restraints, command), `${command.by} lifted the ${command.kind} on ${scope(desk, command)}`),
    {
      validator(command) {
        refuse(problemOfLift(command));
        refuse(nothingToLift(desk, command), 'command-not-possible');
      },
    },
  );
}

/**
 * Has the environment's own workers remember the whole list, until the list that they know is the present one. One at a time: the last
 * word is the last one written. They try for as long as it takes; a run that ends first leaves the rest to the next one.
 */
async function writeDown(desk: Desk): Promise<void> {
  if (desk.isWriting) return;
  desk.isWriting = true;
  const hands = deskActivities(desk.environment);
  while (desk.isUnwritten) {
    const { environment, restraints } = desk;
    const summary = `${restraints.length} stops and holds in ${environment}`;
    await hands.writeRestraints.executeWithOptions({ summary }, [{ environment, restraints }]);
    if (desk.restraints === restraints) desk.isUnwritten = false;
  }
  stir(desk);
  desk.isWriting = false;
}

function tellHolders(desk: Desk): number {
  for (const lease of desk.turns.held)
    tell(desk, lease, restraintsSignal, restraintsOn(desk.restraints, lease.service, Date.now()));
  return desk.turns.held.length;
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

/** A year: nobody stops an environment for longer by one word. */
const LONGEST_MS = 366 * 86_400_000;
const LONGEST_TEXT = 2_000;

/** Undefined when the command may be obeyed. Synchronous, as validators must be. */
function problemOf(command: RestrainCommand | undefined): string | undefined {
  if (command?.kind !== 'stop' && command?.kind !== 'hold') return 'expected {kind: "stop" | "hold", by, reason, …}';
  if (!isText(command.by)) return 'it names nobody: expected "by"';
  if (!isText(command.reason)) return `a ${command.kind} needs a reason of at most ${LONGEST_TEXT} characters`;
  const odd = oddText({ service: command.service, incident: command.incident });
  if (odd !== undefined) return odd;
  if (command.kind === 'hold' && command.service === undefined) return 'a hold is for one service: expected "service"';
  if (command.kind === 'stop' && command.forMs === undefined) return 'a stop needs an end: expected "forMs"';
  if (command.forMs === undefined) return undefined;
  const isTime = Number.isFinite(command.forMs) && command.forMs > 0 && command.forMs <= LONGEST_MS;
  return isTime ? undefined : `forMs must be above 0 and at most a year in milliseconds, got ${String(command.forMs)}`;
}

function problemOfLift(command: LiftCommand | undefined): string | undefined {
  if (command?.kind !== 'stop' && command?.kind !== 'hold') return 'expected {kind: "stop" | "hold", by, service?}';
  if (!isText(command.by)) return 'it names nobody: expected "by"';
  return oddText({ service: command.service, reason: command.reason });
}

/** What may be missing is a text where it is there. */
function oddText(fields: Readonly<Record<string, unknown>>): string | undefined {
  const odd = Object.entries(fields).find(([, value]) => value !== undefined && value !== '' && !isText(value));
  return odd === undefined ? undefined : `"${odd[0]}" is a text of at most ${LONGEST_TEXT} characters`;
}

function nothingToLift(desk: Desk, command: LiftCommand): string | undefined {
  const inForce = desk.restraints.filter((one) => isInForce(one, Date.now()));
  if (without(inForce, command).length < inForce.length) return undefined;
  const known = inForce.map((one) => `${one.kind} on ${scope(desk, one)}`).join(', ');
  return `there is no ${command.kind} on ${scope(desk, command)}; in force: ${known === '' ? 'nothing' : known}`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT;
}

function refuse(problem: string | undefined, code: ErrorCode = 'input-invalid'): void {
  if (problem === undefined) return;
  throw failureOf({ code, message: problem });
}
