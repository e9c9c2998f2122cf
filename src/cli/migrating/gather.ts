/** Facts for gates: reports from their folders, the rest from the engine, which is asked only where a gate needs it. */
import type { ReleaseClient } from '../../client/index.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { formatProblem } from '../../config/config-error.ts';
import { isInForce } from '../../domain/restraint.ts';
import type { Facts, Known, Place } from '../../migration/facts.ts';
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
  const wanted = services.flatMap((one) =>
    environmentsFor(one, pathOf(one.name)).map((environment) => ({ service: one.name, environment })),
  );
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

/** Where the engine has to be asked about a service; one that went back is to be held everywhere. */
function environmentsFor({ state, gates }: MigratingService, path: readonly string[]): readonly string[] {
  const to = nextOf(state);
  const asked = (to === undefined ? [] : gates[to]).filter(({ kind }) => OF_THE_ENGINE.includes(kind));
  const named = asked.flatMap((gate) => ('environments' in gate && gate.environments) || path);
  return [...new Set(state === 'reverted' ? [...path, ...named] : named)];
}

interface Asked {
  readonly service: string;
  readonly environment: string;
}

async function askEngine(wanted: readonly Asked[]): Promise<ReadonlyMap<string, Known<Place>>> {
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

export async function placesOf(
  client: ReleaseClient,
  wanted: readonly Asked[],
): Promise<ReadonlyMap<string, Known<Place>>> {
  const desks = new Map<string, ReturnType<ReleaseClient['environment']>>();
  for (const { environment } of wanted)
    if (!desks.has(environment)) desks.set(environment, client.environment(environment));
  const answers = wanted.map(async ({ service, environment }) => {
    const place = await placeOf(client, { service, environment }, desks.get(environment)).catch(unknownFor);
    return [keyOf(service, environment), place] as const;
  });
  return new Map(await Promise.all(answers));
}

async function placeOf(
  client: ReleaseClient,
  { service, environment }: Asked,
  asked: ReturnType<ReleaseClient['environment']> | undefined,
): Promise<Known<Place>> {
  const [desk, promotions] = await Promise.all([asked, client.list({ service, environment, limit: LOOK_BACK })]);
  const running = desk?.running[service];
  return {
    ok: true,
    value: {
      ...(running === undefined ? {} : { running }),
      restraints: (desk?.restraints ?? []).filter((one) => isInForce(one, Date.now())),
      arrived: promotions.flatMap(({ version = '?', outcome, rollback = false, endedAt }) =>
        endedAt === undefined
          ? []
          : [
              {
                ...{ version, isRollback: rollback, endedAtMs: Date.parse(endedAt) },
                ...(outcome === undefined ? {} : { outcome }),
              },
            ],
      ),
      entering: promotions.flatMap(({ version, running: isUnderWay }) =>
        isUnderWay && version !== undefined ? [version] : [],
      ),
    },
  };
}

export function keyOf(service: string, environment: string): string {
  return `${service}/${environment}`;
}
