/** Production of the local stack between two samples: emptied, so that each promotion does the same work. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openRegistry } from '../../local/stack/registry-session.ts';
import type { Stack } from '../../local/stack/start-stack.ts';
import { ENVIRONMENTS, type LocalEnvironment } from '../../local/stack/world.ts';
import { toolPath } from '../../local/tools/tool-path.ts';

const OBJECTS = ['deployment/iam', 'service/iam', 'configmap/iam', 'configmap/sluice-record-iam'];
const API = 'api-version=2021-07-01';
const OPEN = JSON.stringify({ deleteEnabled: true, writeEnabled: true });

export const PRODUCTION = ENVIRONMENTS.find(({ name }) => name === 'production') as LocalEnvironment;

export async function emptyProduction(stack: Stack): Promise<void> {
  await Promise.all([emptyCluster(stack), emptyRegistry(stack)]);
}

async function emptyCluster(stack: Stack): Promise<void> {
  const kubeconfig = stack.clusters.adminKubeconfigs.production ?? '';
  const args = [
    '--kubeconfig',
    kubeconfig,
    '--namespace',
    PRODUCTION.namespace,
    'delete',
    '--ignore-not-found',
    '--wait',
  ];
  await promisify(execFile)(toolPath('kubectl') ?? '', [...args, ...OBJECTS], { timeout: 60_000 });
}

/**
 * Unlocks and deletes everything, as the environment's own identity: the repository as a whole, since blobs outlive their manifests, and whoever
 * copies by pushing would find them there and leave them out.
 */
export async function emptyRegistry({ emulator }: Pick<Stack, 'emulator'>): Promise<void> {
  const session = await openRegistry(emulator, {
    registry: PRODUCTION.registry,
    host: 'worker-production',
    clientId: PRODUCTION.workerId,
    scope: 'repository:iam:delete,metadata_read,metadata_write',
  });
  const patch = (path: string) =>
    session.request(`${path}?${API}`, { method: 'PATCH', body: OPEN, headers: { 'content-type': 'application/json' } });
  try {
    const listed = await session.request(`/acr/v1/iam/_manifests?${API}`);
    if (listed.status === 404) return;
    const { manifests = [] } = (await listed.json()) as { manifests?: { digest: string; tags?: string[] }[] };
    for (const { digest, tags = [] } of manifests) {
      for (const tag of tags) await patch(`/acr/v1/iam/_tags/${tag}`);
      await patch(`/acr/v1/iam/_manifests/${digest}`);
    }
    const { status } = await session.request(`/acr/v1/iam?${API}`, { method: 'DELETE' });
    if (status !== 202) throw new Error(`deleting the repository was answered with ${status}`);
  } finally {
    await session.close();
  }
}
