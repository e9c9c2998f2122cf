/** Somebody who changes a cluster past the engine, as `kubectl` would. */
import type { ManifestObject } from '../../src/domain/manifest-object.ts';
import type { MemoryWorld } from './memory-world.ts';

const NAMESPACE = 'iam-staging';
const WORKLOAD = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'iam' };

/** One digest in the place of another, and applied. */
export async function swapped({ clusters }: MemoryWorld, from: string, to: string): Promise<void> {
  const before = JSON.stringify(clusters.staging.object(WORKLOAD));
  const after = JSON.parse(before.replaceAll(from, to)) as ManifestObject;
  await clusters.staging.cluster.apply([after], NAMESPACE, { dryRun: false, signal: new AbortController().signal });
}

/** Whether the workload asks for that digest now. */
export async function runs({ clusters }: MemoryWorld, digest: string): Promise<boolean> {
  return JSON.stringify(clusters.staging.object(WORKLOAD) ?? null).includes(digest);
}
