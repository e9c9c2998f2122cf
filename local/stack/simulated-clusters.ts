/** In-memory clusters, kept in files so that a killed worker finds them again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clusters } from './clusters.ts';
import type { ClusterEntry } from './configuration.ts';
import { startSimulatedHealth } from './simulated-health.ts';
import type { Parts } from './parts.ts';
import { ENVIRONMENTS } from './world.ts';

export async function startSimulatedClusters(parts: Parts, dir: string): Promise<Clusters> {
  const stateFile = (environment: string): string => join(dir, `${environment}.json`);
  const health = await parts.add(
    'simulated clusters',
    () => startSimulatedHealth((environment) => simulatedImages(stateFile(environment))),
    (one) => one.close(),
  );
  const entry = (name: string): ClusterEntry => ({ simulated: true, stateFile: stateFile(name) });
  return {
    entries: Object.fromEntries(ENVIRONMENTS.map(({ name }) => [name, entry(name)])),
    healthUrls: health.urls,
    adminKubeconfigs: {},
    nodeLogs: {},
    auditLogs: {},
  };
}

interface SimulatedState {
  readonly objects: readonly {
    readonly manifest: {
      readonly kind: string;
      readonly spec?: {
        readonly template?: { readonly spec?: { readonly containers?: readonly { image: string }[] } };
      };
    };
  }[];
}

/** Images that the deployments in a state file name; none before the first release. */
export function simulatedImages(stateFile: string): string[] {
  return readState(stateFile)
    .objects.filter(({ manifest }) => manifest.kind === 'Deployment')
    .flatMap(({ manifest }) => manifest.spec?.template?.spec?.containers ?? [])
    .map(({ image }) => image);
}

function readState(file: string): SimulatedState {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SimulatedState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { objects: [] };
    throw error;
  }
}
