/** Stops and holds where the environment's own workers find them: in its cluster, beside the service they concern. */
import type { RestraintsRequest, StepAnswer } from '../src/contract/activities.ts';
import type { PromotionPlan } from '../src/contract/plan.ts';
import type { Restraint } from '../src/domain/restraint.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { PortError } from '../src/ports/port-error.ts';
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

/** What restrains a service; when it ends is judged by whoever reads it. */
export interface Restraining {
  readonly restraints: readonly Restraint[];
  /** False: nothing was ever written down beside the service itself. */
  readonly isOwn: boolean;
}

/**
 * A service that came into `sluice.yaml` after a stop of the whole environment has not been written to: what concerns every service
 * stands beside each of the others.
 */
export async function restraining(zone: Zone, namespace: string, service: string): Promise<Restraining> {
  const own = await readRestraints(zone, namespace, service);
  return own === undefined
    ? { restraints: await saidOfEveryService(zone, service), isOwn: false }
    : { restraints: own, isOwn: true };
}

/** Once let in, a service remembers for itself, and the others need not be asked any more. */
export async function rememberFromNowOn(
  zone: Zone,
  { namespace, service }: Pick<PromotionPlan, 'namespace' | 'service'>,
  { restraints, isOwn }: Restraining,
): Promise<void> {
  // a stop that is lifted at this very moment would stand there for good: whoever was let past it has the others asked again
  if (isOwn || restraints.length > 0) return;
  await zone.ports.records.change('restraints', namespace, service, (known) =>
    known === undefined ? '[]' : undefined,
  );
}

/** Undefined: nothing was ever written down. */
export async function readRestraints(
  zone: Zone,
  namespace: string,
  service: string,
): Promise<readonly Restraint[] | undefined> {
  const text = await zone.ports.records.read('restraints', namespace, service);
  if (text === undefined) return undefined;
  const restraints: unknown = JSON.parse(text);
  if (!Array.isArray(restraints))
    throw new TypeError(`what ${zone.environment} remembers of ${service} is no list of restraints`);
  return restraints as readonly Restraint[];
}

/** By the first of the others that remembers anything. One that cannot be read keeps nobody out but itself, as at a desk that was lost. */
async function saidOfEveryService(zone: Zone, own: string): Promise<readonly Restraint[]> {
  for (const service of servicesOf(zone)) {
    if (service.name === own) continue;
    const namespace = namespaceOf(service, zone.environment);
    const known = await readRestraints(zone, namespace, service.name).catch(unlessUnreadable);
    if (known !== undefined) return known.filter((one) => one.service === undefined);
  }
  return [];
}

function unlessUnreadable(error: unknown): undefined {
  if (!(error instanceof PortError)) throw error;
}
