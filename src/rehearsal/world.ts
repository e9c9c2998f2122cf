/** The world of a rehearsal, in memory: every environment's registry and cluster, a signed stand-in, and rules that are the user's own. */
import type { Zone } from '../../activities/index.ts';
import { createMemoryApprovals } from '../adapters/approvals/memory.ts';
import { createMemoryCluster } from '../adapters/cluster/memory/memory-cluster.ts';
import { createMemoryHealth } from '../adapters/health/memory.ts';
import { createMemoryRegistries } from '../adapters/registry/memory/create-memory-registries.ts';
import { createMemorySignatures, stateSignature } from '../adapters/signatures/memory/memory-signatures.ts';
import type { PromotionRecord } from '../contract/plan.ts';
import { promotionId } from '../contract/workflow-ids.ts';
import type { RunningVersion } from '../domain/gate.ts';
import type { Rulebook, ServiceRules } from '../domain/rulebook.ts';
import type { PackedManifests } from '../manifests/artefact.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { everybody } from './people.ts';
import { standIn } from './stand-in.ts';

export interface RehearsalWorld {
  readonly zones: readonly Zone[];
  /** Of the first environment, with the stand-in in it. */
  readonly reader: RegistryReader;
  publish(packed: PackedManifests): Promise<void>;
}

/** Whose stated signature the zones trust; the memory adapter checks names, not cryptography. */
const SIGNER = 'rehearsal';
const ADDRESS = 'rehearsal';

export async function createWorld(
  { rulebook, service, version, now }: Ground,
  running: readonly RunningVersion[],
): Promise<RehearsalWorld> {
  const registries = createMemoryRegistries({ hosts: hostsOf(rulebook) });
  const [first = ''] = service.path;
  const digest = registries.push(first, service.repository, standIn(service.name, version));
  const { publisher, reader } = registries.registry(first);
  await publisher.publish(service.repository, stateSignature(digest, SIGNER));
  const signatures = createMemorySignatures([SIGNER]);
  const approvals = createMemoryApprovals(everybody(rulebook));
  const zones = service.path.map(async (environment): Promise<Zone> => {
    const own = registries.registry(environment);
    const { cluster, records } = createMemoryCluster();
    const there = running.find((one) => one.environment === environment);
    if (there !== undefined) {
      await records.write(service.namespaces[environment] ?? '', service.name, recordOf(service, there));
    }
    const others = service.path.filter((one) => one !== environment);
    const sources = Object.fromEntries(others.map((one) => [one, registries.registry(one).reader]));
    const ports = {
      ...{ registry: own.reader, sources, importer: own.importer, locks: own.locks, remover: own.remover },
      ...{ puller: own.reader, signatures, approvals, records, health: createMemoryHealth().probe },
      // whether a load balancer gets an address is not what is rehearsed
      cluster: { ...cluster, serviceAddress: () => Promise.resolve(ADDRESS) },
    };
    return { environment, rulebook: instant(rulebook), now, ports };
  });
  return {
    zones: await Promise.all(zones),
    reader,
    publish: (packed) => publisher.publish(service.repository, packed),
  };
}

export interface Ground {
  readonly rulebook: Rulebook;
  readonly service: ServiceRules;
  readonly version: string;
  /** The skipped clock. */
  readonly now: () => Date;
}

function hostsOf({ environments }: Rulebook): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.values(environments).map((one) => [one.name, one.registryHost]));
}

/** The same rules, without the pauses between two looks at a service: those pass in real time. */
function instant(rulebook: Rulebook): Rulebook {
  const services = Object.entries(rulebook.services).map(([name, { health, ...rules }]) => [
    name,
    health === undefined ? rules : { ...rules, health: { ...health, everyMs: 0 } },
  ]);
  return { ...rulebook, services: Object.fromEntries(services) as Rulebook['services'] };
}

function recordOf({ name, repository }: ServiceRules, { environment, version, digest, since }: RunningVersion): string {
  const record: PromotionRecord = {
    format: 1,
    service: name,
    version,
    image: { repository, digest },
    manifests: digest,
    objects: [],
    since,
    workflowId: promotionId(name, version, environment),
    approvedBy: [],
    requestedBy: ADDRESS,
  };
  return JSON.stringify(record);
}
