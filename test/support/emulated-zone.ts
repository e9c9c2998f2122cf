/** The zone of staging with the production's registry adapters on the emulator, and the rest of it in memory. */
import type { Zone } from '../../activities/index.ts';
import { createNamedApprovals } from '../../src/adapters/approvals/named.ts';
import { createMemoryCluster } from '../../src/adapters/cluster/memory/memory-cluster.ts';
import { createMemoryChecks } from '../../src/adapters/external-checks/memory.ts';
import { createMemoryHealth } from '../../src/adapters/health/memory.ts';
import type { Rulebook } from '../../src/domain/rulebook.ts';
import type { Signatures } from '../../src/ports/signatures.ts';
import type { Emulated } from '../integration/registry/emulated.ts';

export function stagingOn(emulated: Emulated, signatures: Signatures, rulebook: Rulebook): Zone {
  const staging = emulated.acr('staging', 'worker-staging');
  const dev = emulated.acr('dev', 'worker-staging');
  const { cluster, sight, records } = createMemoryCluster();
  const ports = {
    ...{ registry: staging.reader, sources: { dev: dev.reader }, puller: staging.reader },
    ...{ importer: staging.importer, locks: staging.locks, remover: staging.remover },
    ...{ cluster, sight, records, health: createMemoryHealth().probe, checks: createMemoryChecks({}).checks },
    ...{ signatures, approvals: createNamedApprovals() },
  };
  return { environment: 'staging', rulebook, now: () => new Date(), ports };
}
