/** Back to legacy: Sluice is kept out of each environment first, then the file says so, and the owner is told what is theirs to do. */
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import type { RestraintAnswer } from '../../contract/environment-workflow.ts';
import { faultOfText, LONGEST_REASON } from '../../domain/said.ts';
import { faultOfGoingBack, type State } from '../../migration/states.ts';
import { withClient } from '../session.ts';
import { keyOf, placesOf } from './gather.ts';
import { type Draft, draftOf, HELD_BY_REVERT, takeEffect, type Written } from './moving.ts';
import { type Opened, serviceOf } from './opened.ts';

export interface RevertRequest {
  readonly service: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

/** What Sluice has on record there when it went back. */
export interface LeftThere {
  readonly environment: string;
  /** Undefined: nothing, or nobody could tell. */
  readonly running?: { readonly version: string; readonly digest?: string; readonly since: string };
  /** On its way there: the hold does not reach what is inside already. */
  readonly entering: readonly string[];
  readonly unknown?: string;
}

export interface Revert extends Written {
  readonly dryRun: boolean;
  readonly service: string;
  readonly owner: string;
  readonly from: State;
  readonly said: readonly string[];
  readonly left: readonly LeftThere[];
  /** For the owner, in order. */
  readonly steps: readonly string[];
}

/** Throws `command-not-possible`, and what keeps an environment from being held; the file is as it was then. */
export async function revert(opened: Opened, { service: named, reason, dryRun }: RevertRequest): Promise<Revert> {
  const service = serviceOf(opened.migration, named);
  const { name, owner, state, backToLegacy } = service;
  const held = `${HELD_BY_REVERT}${reason}`;
  assertPossible(name, state, held);
  const path = opened.config.rulebook.services[name]?.path ?? [];
  const left = await leftIn(name, path);
  const draft = await draftOfRevert(opened, service, reason);
  const places = path.map((environment) => ({ service: name, environment }));
  const said = dryRun
    ? path.map((environment) => `would hold ${name} in ${environment}: ${held}`)
    : await takeEffect(draft, places, async (client, place) => saidBy(await client.hold({ ...place, reason: held })));
  const steps = [...left.flatMap((one) => abortsFor(name, one)), ...backToLegacy];
  return { file: draft.file, diff: draft.diff, dryRun, service: name, owner, from: state, said, left, steps };
}

function assertPossible(name: string, state: State, held: string): void {
  const fault = faultOfText('reason', held, LONGEST_REASON);
  if (fault !== undefined) throw new ReleaseEngineError('input-invalid', fault.message, fault);
  const cannot = faultOfGoingBack(state);
  if (cannot === undefined) return;
  const { message, remedy } = cannot;
  throw new ReleaseEngineError('command-not-possible', `${name} is ${state}: ${message}`, { remedy });
}

/** A hold counts from when it is said; until the zone has it in its own memory a desk that is lost would forget it. */
function saidBy({ message, enforced }: RestraintAnswer): string {
  return enforced
    ? message
    : `${message}; its own workers have not written it down yet, and keep trying (is one running?)`;
}

/** Who says it again sets the holds again, and has it written down once. */
async function draftOfRevert(opened: Opened, service: ReturnType<typeof serviceOf>, reason: string): Promise<Draft> {
  if (service.state !== 'reverted') return draftOf(opened, [{ service, to: 'reverted' }], reason);
  return { file: opened.migration.file, before: opened.text, after: opened.text, diff: [] };
}

/** Throws `temporal-unreachable`; what one environment does not say keeps nobody from going back. */
async function leftIn(service: string, path: readonly string[]): Promise<readonly LeftThere[]> {
  const places = await withClient((client) =>
    placesOf(
      client,
      path.map((environment) => ({ service, environment, promotions: true })),
    ),
  );
  return path.map((environment) => {
    const place = places.get(keyOf(service, environment));
    if (place?.ok !== true) return { environment, entering: [], unknown: place?.why ?? 'nobody has looked' };
    const { running, entering } = place.value;
    return { environment, entering, ...(running === undefined ? {} : { running }) };
  });
}

function abortsFor(service: string, { environment, entering }: LeftThere): readonly string[] {
  return entering.map(
    (version) =>
      `${version} is on its way to ${environment}; what is inside already is not held: sluice abort ${service} ${version}`,
  );
}
