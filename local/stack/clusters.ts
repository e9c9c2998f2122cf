/** The two clusters: a control plane each, with simulated nodes, and a limited credential for every environment. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Emulator } from '../acr-emulator/index.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { startNodes } from '../nodes/index.ts';
import { toolPath } from '../tools/tool-path.ts';
import type { ClusterEntry } from './configuration.ts';
import type { Parts } from './parts.ts';
import { type ClusterName, ENVIRONMENTS, NODES_HOST } from './world.ts';

export interface ClustersOptions {
  readonly dir: string;
  readonly emulator: Emulator;
  /** `default`: the same load-balancer addresses each time; `free`: some that a stack beside this one does not use. */
  readonly ports: 'default' | 'free';
}

export interface Clusters {
  /** What `sluice.yaml` says about each environment's cluster. */
  readonly entries: Readonly<Record<string, ClusterEntry>>;
  /** Full health addresses by environment; undefined: each cluster's load balancer is asked. */
  readonly healthUrls?: Readonly<Record<string, string>>;
  /** May do everything; for people and tests. Empty for simulated clusters. */
  readonly adminKubeconfigs: Readonly<Partial<Record<ClusterName, string>>>;
  /** JSON lines of what the nodes did, by cluster. */
  readonly nodeLogs: Readonly<Partial<Record<ClusterName, string>>>;
  /** JSON lines (audit.k8s.io/v1 Event) of changes to the cluster. */
  readonly auditLogs: Readonly<Partial<Record<ClusterName, string>>>;
}

const CLUSTERS: readonly ClusterName[] = ['nonproduction', 'production'];
const WORKER_ACCOUNT = 'sluice';

export async function startClusters(parts: Parts, options: ClustersOptions): Promise<Clusters> {
  const binary = toolPath('control-plane');
  if (binary === undefined) {
    throw new Error('control-plane is not installed: npm run setup (needs Go), or use --cluster simulated');
  }
  const firstAddress = addressesOf(options.ports);
  const started = await Promise.all(
    CLUSTERS.map(async (name) => {
      const dir = join(options.dir, name);
      const plane = await parts.add(
        `Kubernetes ${name}`,
        () => startControlPlane({ binary, dir }),
        (one) => one.stop(),
      );
      const nodeLog = join(dir, 'nodes', 'effects.jsonl');
      await parts.add(
        `nodes of ${name}`,
        async () =>
          startNodes({
            kubeconfig: await plane.nodeKubeconfig(),
            registries: registriesOf(name, options.emulator),
            loadBalancer: { firstAddress: firstAddress(name) },
            dir: join(dir, 'nodes'),
            effectLog: nodeLog,
            report: () => undefined,
          }),
        (nodes) => nodes.close(),
      );
      return { name, plane, nodeLog, entries: await environmentsOf(name, plane) };
    }),
  );
  const by = <T>(pick: (one: (typeof started)[number]) => T) =>
    Object.fromEntries(started.map((one) => [one.name, pick(one)]));
  return {
    entries: Object.fromEntries(started.flatMap(({ entries }) => entries)),
    adminKubeconfigs: by(({ plane }) => plane.adminKubeconfig),
    nodeLogs: by(({ nodeLog }) => nodeLog),
    auditLogs: by(({ plane }) => plane.auditLog),
  };
}

async function environmentsOf(cluster: ClusterName, plane: ControlPlane): Promise<[string, ClusterEntry][]> {
  const ours = ENVIRONMENTS.filter((environment) => environment.cluster === cluster);
  return Promise.all(
    ours.map(async ({ name, namespace }): Promise<[string, ClusterEntry]> => {
      return [name, { kubeconfig: await plane.kubeconfigFor({ namespace, name: WORKER_ACCOUNT }) }];
    }),
  );
}

/** Nodes pull with the kubelet's identity of the environment whose registry it is. */
function registriesOf(cluster: ClusterName, emulator: Emulator) {
  const ours = ENVIRONMENTS.filter((environment) => environment.cluster === cluster);
  return Object.fromEntries(
    ours.map(({ registry, kubeletId }) => [
      emulator.registries[registry]?.loginServer as string,
      {
        caFile: emulator.caFile,
        identity: {
          endpoint: emulator.identityEndpoint,
          header: emulator.hosts[NODES_HOST]?.header as string,
          clientId: kubeletId,
        },
      },
    ]),
  );
}

/** Linux answers on all of 127.0.0.0/8; elsewhere only 127.0.0.1 exists without an alias. */
function addressesOf(ports: 'default' | 'free'): (cluster: ClusterName) => string {
  if (process.platform !== 'linux') return (cluster) => (cluster === 'nonproduction' ? '127.0.0.2' : '127.0.0.18');
  const middle = ports === 'default' ? 165 : randomInt(170, 250);
  const third = ports === 'default' ? 0 : randomInt(1, 250);
  return (cluster) => `127.${middle}.${third}.${cluster === 'nonproduction' ? 1 : 33}`;
}
