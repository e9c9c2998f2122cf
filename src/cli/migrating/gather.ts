/** Facts for gates: reports from their folders, the rest from the engine, which is asked only where a gate needs it. */
import type { EnvironmentView, ListedRelease, ReleaseClient } from '../../client/index.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { formatProblem } from '../../config/config-error.ts';
import { isInForce } from '../../domain/restraint.ts';
import type { Arrived, Facts, Known, Place } from '../../migration/facts.ts';
import { readComparisons, readRehearsals } from '../../migration/file/reports.ts';
import type { Gate } from '../../migration/gate.ts';
import type { MigratingService } from '../../migration/migration.ts';
import { nextOf } from '../../migration/states.ts';
import { withClient } from '../session.ts';
import { shownError } from '../shown-error.ts';
import type { Opened } from './opened.ts';

export type FactsOf = (service: MigratingService) => Facts;

/** Newest promotions to look at: more than any sensible number of releases in a row. */
const LOOK_BACK = 200;

/** Throws `input-invalid` for reports that are none; what the engine does not say is `unknown` in the facts. */
export async function gatherFacts(opened: Opened, services: readonly MigratingService[]): Promise<FactsOf> {
  const { migration, config } = opened;
  const [comparisons, rehearsals] = [readComparisons(migration.comparisons), readRehearsals(migration.rehearsals)];
  const problems = [...comparisons.problems, ...rehearsals.problems];
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), {
      problems,
      remedy: 'Correct the reports: one that is not understood may be the one that says no.',
    });
  const pathOf = (name: string): readonly string[] => config.rulebook.services[name]?.path ?? [];
  const wanted = services.flatMap((one) => questionsOf(one, pathOf(one.name)));
  const places = wanted.length === 0 ? new Map<string, Known<Place>>() : await askEngine(wanted);
  const nowMs = Date.now();
  return ({ name }) => ({
    nowMs,
    path: pathOf(name),
    comparisons: comparisons.found.filter((one) => one.service === name),
    rehearsals: rehearsals.found.filter((one) => one.service === name),
    places: Object.fromEntries(
      wanted
        .filter(({ service }) => service === name)
        .map(({ environment }) => [environment, places.get(keyOf(name, environment))]),
    ),
  });
}

const OF_THE_ENGINE: readonly Gate['kind'][] = ['adopted', 'unrestrained', 'releases'];

export interface Question {
  readonly service: string;
  readonly environment: string;
  /** Whether what has arrived and what is on its way there is asked, too: the server lets a namespace look some times a second. */
  readonly promotions: boolean;
}

/** Where the engine has to be asked about a service; one that went back is to be held everywhere. */
function questionsOf({ name, state, gates }: MigratingService, path: readonly string[]): readonly Question[] {
  const to = nextOf(state);
  const asked = (to === undefined ? [] : gates[to]).filter(({ kind }) => OF_THE_ENGINE.includes(kind));
  const named = asked.flatMap((gate) => ('environments' in gate && gate.environments) || path);
  const environments = new Set(state === 'reverted' ? [...path, ...named] : named);
  const promotions = state === 'reverted' || asked.some(({ kind }) => kind === 'releases');
  return [...environments].map((environment) => ({ service: name, environment, promotions }));
}

async function askEngine(wanted: readonly Question[]): Promise<ReadonlyMap<string, Known<Place>>> {
  try {
    return await withClient((client) => placesOf(client, wanted));
  } catch (error) {
    const none = unknownFor(error);
    return new Map(wanted.map(({ service, environment }) => [keyOf(service, environment), none]));
  }
}

/** Throws what is no answer of the engine: a defect. */
function unknownFor(error: unknown): Known<never> {
  const { code, message, remedy } = shownError(error);
  if (code === 'internal') throw error;
  return {
    ok: false,
    why: `could not be found out (${code}: ${message})`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** One service after the other: what one environment does not say keeps nobody from hearing the others. */
export async function placesOf(
  client: ReleaseClient,
  wanted: readonly Question[],
): Promise<ReadonlyMap<string, Known<Place>>> {
  const environments = [...new Set(wanted.map(({ environment }) => environment))];
  const desks = new Map(
    await Promise.all(environments.map(async (name) => [name, await deskOf(client, name)] as const)),
  );
  const places = new Map<string, Known<Place>>();
  for (const question of wanted) {
    const { service, environment } = question;
    places.set(keyOf(service, environment), await placeOf(client, question, desks.get(environment)));
  }
  return places;
}

async function deskOf(client: ReleaseClient, environment: string): Promise<Known<EnvironmentView>> {
  try {
    return { ok: true, value: await client.environment(environment) };
  } catch (error) {
    return unknownFor(error);
  }
}

async function placeOf(
  client: ReleaseClient,
  { service, environment, promotions: areAsked }: Question,
  desk: Known<EnvironmentView> | undefined,
): Promise<Known<Place>> {
  if (desk?.ok !== true) return desk ?? { ok: false, why: 'nobody has looked' };
  const all = { service, environment, limit: LOOK_BACK };
  try {
    return { ok: true, value: placeIn(desk.value, service, areAsked ? await client.list(all) : []) };
  } catch (error) {
    return unknownFor(error);
  }
}

function placeIn(
  { running: all, restraints }: EnvironmentView,
  service: string,
  promotions: readonly ListedRelease[],
): Place {
  const running = all[service];
  return {
    ...(running === undefined ? {} : { running }),
    restraints: restraints.filter((one) => isInForce(one, Date.now())),
    arrived: promotions.flatMap((one) => (one.endedAt === undefined ? [] : [arrivedIn(one, one.endedAt)])),
    entering: promotions.flatMap(({ version, running: isUnderWay }) =>
      isUnderWay && version !== undefined ? [version] : [],
    ),
  };
}

function arrivedIn({ version = '?', outcome, rollback }: ListedRelease, endedAt: string): Arrived {
  return {
    ...{ version, isRollback: rollback === true, endedAtMs: Date.parse(endedAt) },
    ...(outcome === undefined ? {} : { outcome }),
  };
}

export function keyOf(service: string, environment: string): string {
  return `${service}/${environment}`;
}
