/** One world in memory: registries, clusters and services, with every image pushed and its manifests beside it. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Zone } from '../../activities/index.ts';
import { createNamedApprovals } from '../../src/adapters/approvals/named.ts';
import { createMemoryCluster } from '../../src/adapters/cluster/memory/memory-cluster.ts';
import { createMemoryChecks } from '../../src/adapters/external-checks/memory.ts';
import { createMemoryHealth } from '../../src/adapters/health/memory.ts';
import {
  type MemoryRegistries,
  createMemoryRegistries,
} from '../../src/adapters/registry/memory/create-memory-registries.ts';
import { createMemorySignatures, stateSignature } from '../../src/adapters/signatures/memory/memory-signatures.ts';
import { COMMON_SIGNER } from '../../src/domain/proof.ts';
import { MANIFEST_MEDIA_TYPE } from '../../src/manifests/artefact.ts';
import { packedContent } from './content.ts';
import { hostOf, rulebookOf } from './rulebook.ts';
import type { Setting } from './setting.ts';

/** Whose stated signature the zones trust; the memory adapter checks names, not cryptography. */
const SIGNER = 'build';

export async function createZones(setting: Setting): Promise<readonly Zone[]> {
  const rulebook = rulebookOf(setting);
  const registries = await createRegistries(setting);
  const signatures = createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] });
  return setting.path.map((environment, index) => {
    const { cluster, sight, records } = createMemoryCluster(stateFile(setting, `cluster-${environment}`));
    const registry = registries.registry(environment);
    const source = setting.path[index - 1];
    return {
      environment,
      rulebook,
      now: () => new Date(),
      ports: {
        registry: registry.reader,
        sources: source === undefined ? {} : { [source]: registries.registry(source).reader },
        importer: registry.importer,
        locks: registry.locks,
        remover: registry.remover,
        puller: registry.reader,
        signatures,
        approvals: createNamedApprovals(),
        checks: createMemoryChecks({}).checks,
        cluster,
        sight,
        records,
        health: createMemoryHealth().probe,
      },
    };
  });
}

async function createRegistries(setting: Setting): Promise<MemoryRegistries> {
  const file = stateFile(setting, 'registries');
  const known = file.stateFile !== undefined && existsSync(file.stateFile);
  const hosts = Object.fromEntries(setting.path.map((environment) => [environment, hostOf(environment)]));
  const registries = createMemoryRegistries({ hosts, ...file });
  const [first] = setting.path;
  if (known || first === undefined) return registries;
  for (let index = 0; index < setting.services; index += 1) {
    const { service, image, manifests } = await packedContent(setting.path, index);
    registries.push(first, service, { mediaType: MANIFEST_MEDIA_TYPE, manifest: image.manifest, blobs: image.blobs });
    const { publisher } = registries.registry(first);
    await publisher.publish(service, stateSignature(image.digest, SIGNER));
    await publisher.publish(service, manifests);
  }
  return registries;
}

function stateFile({ stateFolder }: Setting, name: string): { readonly stateFile?: string } {
  if (stateFolder === undefined) return {};
  mkdirSync(stateFolder, { recursive: true });
  return { stateFile: join(stateFolder, `${name}.json`) };
}
