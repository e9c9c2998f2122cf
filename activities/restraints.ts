/** Stops and holds where the environment's own workers find them: in its cluster, beside the service they concern. */
import type { RestraintsRequest, StepAnswer } from '../src/contract/activities.ts';
import type { Restraint } from '../src/domain/restraint.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { servicesOf, yes, type Zone } from './zone.ts';

/** Writes down the whole truth for every service that this environment has, but for those excepted; run twice it changes nothing. */
export async function writeRestraints(zone: Zone, request: RestraintsRequest): Promise<StepAnswer> {
  const { restraints, except = [] } = request;
  const { environment } = zone;
  const services = servicesOf(zone).filter((one) => !except.includes(one.name));
  const written = await Promise.all(
    services.map(async (service) => {
      const own = restraints.filter((one) => one.service === undefined || one.service === service.name);
      return writeOne(zone, namespaceOf(service, environment), service.name, JSON.stringify(own));
    }),
  );
  const count = written.filter(Boolean).length;
  return yes(`${environment} remembers ${restraints.length} stops and holds`, { changed: String(count) });
}

async function writeOne(zone: Zone, namespace: string, service: string, text: string): Promise<boolean> {
  const known = (await zone.ports.records.read('restraints', namespace, service)) ?? '[]';
  if (known === text) return false;
  await zone.ports.records.write('restraints', namespace, service, text);
  return true;
}

/** Also those that have ended: when is judged by whoever reads them. */
export async function readRestraints(zone: Zone, namespace: string, service: string): Promise<readonly Restraint[]> {
  const text = await zone.ports.records.read('restraints', namespace, service);
  if (text === undefined) return [];
  const restraints: unknown = JSON.parse(text);
  if (!Array.isArray(restraints))
    throw new TypeError(`what ${zone.environment} remembers of ${service} is no list of restraints`);
  return restraints as readonly Restraint[];
}
