/** The real activities over worlds in memory, as one worker of every queue offers them. */
import { createEngineActivities, createEnvironmentActivities, type Zone } from '../../activities/index.ts';
import { createMemoryNotifier } from '../../src/adapters/notifier/memory.ts';
import type { Activities, EnvironmentActivities } from '../../src/contract/activities.ts';
import { type Environment, type MemoryWorld, PATH } from './memory-world.ts';

type Request = { readonly environment?: string; readonly plan?: { readonly environment: string } };

/** Each request goes to the zone that it names. */
export function worldActivities({ zones }: MemoryWorld): Activities {
  const byZone = Object.fromEntries(PATH.map((name) => [name, createEnvironmentActivities(present(zones[name]))]));
  const names = Object.keys(byZone[PATH[0]] ?? {}) as (keyof EnvironmentActivities)[];
  const act = (name: keyof EnvironmentActivities) => (request: Request) => {
    const where = (request.plan?.environment ?? request.environment) as Environment;
    return (byZone[where]?.[name] as (request: Request) => Promise<unknown>)(request);
  };
  const environments = Object.fromEntries(names.map((name) => [name, act(name)]));
  const engine = createEngineActivities(zones.staging.rulebook, createMemoryNotifier([]).notifier);
  return { ...engine, ...(environments as unknown as EnvironmentActivities) };
}

/** Desks number their leases by the real clock. */
function present(zone: Zone): Zone {
  return { ...zone, now: () => new Date() };
}
