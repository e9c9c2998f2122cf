/** Where environments run: our own control planes, or an API server that the user names. */
import { join } from 'node:path';
import { type Credentials, credentialsIn } from '../control-plane/credentials.ts';
import { startControlPlane } from '../control-plane/index.ts';
import { kubeApi, readKubeconfig } from '../control-plane/kube-api.ts';
import { toolPath } from '../tools/tool-path.ts';
import type { Parts } from './parts.ts';
import { ENVIRONMENTS, type LocalEnvironment } from './world.ts';

/** An API server with what the stack needs of it. */
export interface Plane extends Credentials {
  readonly name: string;
  readonly environments: readonly LocalEnvironment[];
  readonly dir: string;
  readonly adminKubeconfig: string;
  /** JSON lines of changes, if it keeps such a log. */
  readonly auditLog?: string;
}

/** Two control planes of our own, started side by side: production shares nothing with the others. */
export async function ownPlanes(parts: Parts, dir: string): Promise<readonly Plane[]> {
  const binary = toolPath('control-plane');
  if (binary === undefined) {
    throw new Error('control-plane is not installed: npm run setup (needs Go), or use --cluster simulated');
  }
  const names = [...new Set(ENVIRONMENTS.map(({ cluster }) => cluster))];
  return Promise.all(
    names.map(async (name): Promise<Plane> => {
      const own = join(dir, name);
      const plane = await parts.add(
        `Kubernetes ${name}`,
        () => startControlPlane({ binary, dir: own }),
        (one) => one.stop(),
      );
      return { ...plane, name, dir: own, environments: ENVIRONMENTS.filter(({ cluster }) => cluster === name) };
    }),
  );
}

/**
 * The user's API server for all three environments, which then differ by namespace and account only. The kubeconfig must carry
 * its CA and a token with all rights.
 */
export function givenPlane(parts: Parts, dir: string, adminKubeconfig: string): Promise<readonly Plane[]> {
  const start = async (): Promise<Plane & { close(): void }> => {
    const admin = kubeApi(readKubeconfig(adminKubeconfig));
    return {
      name: 'given',
      environments: ENVIRONMENTS,
      dir,
      adminKubeconfig,
      ...credentialsIn(dir, admin),
      close: () => admin.close(),
    };
  };
  return parts.add('Kubernetes (given)', start, async (plane) => plane.close()).then((plane) => [plane]);
}
