/** The world of a rehearsal, in memory: every environment's registry and cluster, a signed stand-in, and rules that are the user's own. */
import type { Zone } from '../../activities/index.ts';
import { createMemoryApprovals } from '../adapters/approvals/memory.ts';
import { createMemoryCluster } from '../adapters/cluster/memory/memory-cluster.ts';
import { createMemoryChecks, type MemoryCheckAnswers } from '../adapters/external-checks/memory.ts';
import { createMemoryHealth } from '../adapters/health/memory.ts';
import { createMemoryRegistries, type MemoryRegistries } from '../adapters/registry/memory/create-memory-registries.ts';
import {
  createMemorySignatures,
  stateAttestation,
  stateSignature,
} from '../adapters/signatures/memory/memory-signatures.ts';
import { keysOf } from '../domain/json-pointer.ts';
import { COMMON_SIGNER } from '../domain/proof.ts';
import type { Rulebook, ServiceRules } from '../domain/rulebook.ts';
import { everybody } from './people.ts';
import { standIn } from './stand-in.ts';

export interface Ground {
  readonly rulebook: Rulebook;
  readonly service: ServiceRules;
  readonly version: string;
  /** The skipped clock. */
  readonly now: () => Date;
}

export interface RehearsalWorld {
  readonly zones: readonly Zone[];
  readonly registries: MemoryRegistries;
}

/** Whose stated signature the zones trust; the memory adapter checks names, not cryptography. */
const SIGNER = 'rehearsal';
const ADDRESS = 'rehearsal';
const AUTHOR = 'whoever made it (rehearsal)';

/** The stand-in is signed by whomever the rules want. */
function everySigner({ environments }: Rulebook): Readonly<Record<string, readonly string[]>> {
  const wanted = Object.values(environments).flatMap(({ proofs }) => proofs?.signatures.of ?? []);
  return Object.fromEntries([COMMON_SIGNER, ...wanted].map((signer) => [signer, [SIGNER]]));
}

/** With the stand-in of the image, signed, in the first environment's registry. */
export async function createWorld({ rulebook, service, version, now }: Ground): Promise<RehearsalWorld> {
  const registries = createMemoryRegistries({ hosts: hostsOf(rulebook) });
  const [first = ''] = service.path;
  const digest = registries.push(first, service.repository, standIn(service.name, version));
  const { publisher } = registries.registry(first);
  await publisher.publish(service.repository, stateSignature(digest, SIGNER));
  for (const { predicateType, at } of rulebook.authors ?? [])
    await publisher.publish(service.repository, stateAttestation(digest, SIGNER, predicateType, madeBy(at)));
  const trust = {
    signatures: createMemorySignatures(everySigner(rulebook)),
    approvals: createMemoryApprovals(everybody(rulebook)),
  };
  const zones = service.path.map((environment): Zone => {
    const { reader, importer, locks, remover } = registries.registry(environment);
    const others = service.path.filter((one) => one !== environment);
    const sources = Object.fromEntries(others.map((one) => [one, registries.registry(one).reader]));
    const { cluster, sight, records } = createMemoryCluster();
    const ports = {
      ...{ registry: reader, sources, importer, locks, remover, puller: reader, sight, records },
      ...trust,
      // whether a load balancer gets an address is not what is rehearsed
      cluster: { ...cluster, serviceAddress: () => Promise.resolve(ADDRESS) },
      health: createMemoryHealth().probe,
      checks: createMemoryChecks(saidOutside(rulebook, environment)).checks,
    };
    return { environment, rulebook: playable(rulebook), now, ports };
  });
  return { zones, registries };
}

/** Provenance that names somebody at the first place where the rules look; nobody who is asked goes by that name. */
function madeBy([pointer = '']: readonly string[]): Readonly<Record<string, unknown>> {
  const made = keysOf(pointer).reduceRight<unknown>((inner, key) => ({ [key]: inner }), AUTHOR);
  return made as Readonly<Record<string, unknown>>;
}

function hostsOf({ environments }: Rulebook): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.values(environments).map((one) => [one.name, one.registryHost]));
}

/** Nobody outside is asked about a release that does not happen. */
function saidOutside({ environments }: Rulebook, environment: string): MemoryCheckAnswers {
  const external = (environments[environment]?.gates ?? []).filter((one) => one.kind === 'external');
  return Object.fromEntries(
    external.map(({ name }) => [name, () => ({ answer: 'yes', reason: 'a rehearsal asks nobody outside' }) as const]),
  );
}

/**
 * The same rules, without what a stand-in cannot have: whatever is to be stated about an image is taken for granted, and its signature is asked
 * for all the same. Without the pauses between two looks at a service, too: those pass in real time.
 */
function playable(rulebook: Rulebook): Rulebook {
  const services = Object.entries(rulebook.services).map(([name, { health, ...rules }]) => [
    name,
    health === undefined ? rules : { ...rules, health: { ...health, everyMs: 0 } },
  ]);
  const environments = Object.entries(rulebook.environments).map(([name, { proofs, ...rules }]) => [
    name,
    proofs === undefined ? rules : { ...rules, proofs: { signatures: proofs.signatures } },
  ]);
  return {
    ...rulebook,
    environments: Object.fromEntries(environments) as Rulebook['environments'],
    services: Object.fromEntries(services) as Rulebook['services'],
  };
}
