/** A real control plane with a scripted node, for one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeApi, kubeApi, readKubeconfig } from '../../../../local/control-plane/kube-api.ts';
import { type ControlPlane, startControlPlane } from '../../../../local/control-plane/index.ts';
import { toolPath } from '../../../../local/tools/tool-path.ts';
import { type ScriptedKubelet, startScriptedKubelet } from './scripted-kubelet.ts';

export interface ClusterWorld {
  readonly plane: ControlPlane;
  readonly admin: KubeApi;
  readonly kubelet: ScriptedKubelet;
  freshNamespace(): Promise<string>;
  /** Stops the API server as a crash of its machine would be seen, and starts it again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const binary = toolPath('control-plane');

/** For `test(…, { skip })`: with CI=true nothing is skipped, and the test fails instead. */
export const skip: string | false =
  binary === undefined && process.env['CI'] === undefined ? 'control-plane is not installed: npm run setup' : false;

export async function startClusterWorld(): Promise<ClusterWorld> {
  if (binary === undefined) throw new Error('control-plane is not installed: npm run setup');
  const dir = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
  let plane = await startControlPlane({ binary, dir });
  const port = Number(new URL(plane.server).port);
  const admin = kubeApi(readKubeconfig(plane.adminKubeconfig));
  const kubelet = await startScriptedKubelet(admin);
  let count = 0;
  return {
    get plane() {
      return plane;
    },
    admin,
    kubelet,
    async freshNamespace() {
      const name = `case-${++count}`;
      await admin.create('/api/v1/namespaces', { metadata: { name } });
      return name;
    },
    async restart() {
      await plane.stop();
      plane = await startControlPlane({ binary, dir, port });
    },
    async close() {
      await kubelet.close();
      admin.close();
      await plane.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** One world for several suites of a file: started by the first, closed by the last. */
export function sharedWorld(users: number): { start(): Promise<ClusterWorld>; leave(): Promise<void> } {
  let world: Promise<ClusterWorld> | undefined;
  let left = 0;
  return {
    start: () => (world ??= startClusterWorld()),
    async leave() {
      if (++left === users) await (await world)?.close();
    },
  };
}
