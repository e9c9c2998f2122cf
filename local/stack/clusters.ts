/** The clusters: API servers with simulated nodes, and a limited credential for every environment. */
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '../acr-emulator/index.ts';
import { startNodes } from '../nodes/index.ts';
import type { ClusterEntry } from './configuration.ts';
import type { Parts } from './parts.ts';
import { givenPlane, ownPlanes, type Plane } from './planes.ts';
import { type LocalEnvironment, NODES_HOST } from './world.ts';

export type EmulatorFacts = Pick<Emulator, 'registries' | 'resourceManager' | 'caFile' | 'identityEndpoint' | 'hosts'>;

export interface ClustersOptions {
  readonly dir: string;
  readonly emulator: EmulatorFacts;
  /** `default`: the same load-balancer addresses each time; `free`: some that a stack beside this one does not use. */
  readonly ports: 'default' | 'free';
  /** An API server of the user's, instead of our own. */
  readonly kubeconfig?: string | undefined;
}

export interface Clusters {
  /** What `sluice.yaml` says about each environment's cluster. */
  readonly entries: Readonly<Record<string, ClusterEntry>>;
  /** Full health addresses by environment; undefined: each cluster's load balancer is asked. */
  readonly healthUrls?: Readonly<Record<string, string>>;
  /** May do everything, by environment; for people and tests. Empty for simulated clusters. */
  readonly adminKubeconfigs: Readonly<Record<string, string>>;
  /** JSON lines of what the nodes did, by cluster. */
  readonly nodeLogs: Readonly<Record<string, string>>;
  /** JSON lines (audit.k8s.io/v1 Event) of changes, by cluster. */
  readonly auditLogs: Readonly<Record<string, string>>;
}

const WORKER_ACCOUNT = 'sluice';
/** Load-balancer addresses of one cluster; the next one's begin behind them. */
const ADDRESSES = 32;

export async function startClusters(parts: Parts, options: ClustersOptions): Promise<Clusters> {
  const { dir, emulator, kubeconfig } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const planes = kubeconfig === undefined ? await ownPlanes(parts, dir) : await givenPlane(parts, dir, kubeconfig);
  const addressOf = addressesOf(options.ports);
  const equipped = await Promise.all(planes.map((plane, index) => equip(parts, plane, emulator, addressOf(index))));
  const entries = equipped.flatMap((one) => one.entries);
  return {
    entries: Object.fromEntries(entries),
    adminKubeconfigs: Object.fromEntries(
      planes.flatMap(({ environments, adminKubeconfig }) => environments.map(({ name }) => [name, adminKubeconfig])),
    ),
    nodeLogs: Object.fromEntries(equipped.map(({ name, nodeLog }) => [name, nodeLog])),
    auditLogs: Object.fromEntries(
      planes.flatMap(({ name, auditLog }) => (auditLog === undefined ? [] : [[name, auditLog]])),
    ),
  };
}

/** Nodes, and an account for each environment. */
async function equip(parts: Parts, plane: Plane, emulator: EmulatorFacts, firstAddress: string) {
  const nodeLog = join(plane.dir, 'nodes', 'effects.jsonl');
  await parts.add(
    `nodes of ${plane.name}`,
    async () =>
      startNodes({
        kubeconfig: await plane.nodeKubeconfig(),
        registries: registriesOf(plane.environments, emulator),
        loadBalancer: { firstAddress, addresses: ADDRESSES },
        dir: join(plane.dir, 'nodes'),
        effectLog: nodeLog,
        report: () => undefined,
      }),
    (nodes) => nodes.close(),
  );
  const entries = await Promise.all(
    plane.environments.map(async ({ name, namespace }): Promise<[string, ClusterEntry]> => {
      return [name, { kubeconfig: await plane.kubeconfigFor({ namespace, name: WORKER_ACCOUNT }) }];
    }),
  );
  return { name: plane.name, nodeLog, entries };
}

/** Nodes pull with the kubelet's identity of the environment whose registry it is. */
function registriesOf(environments: readonly LocalEnvironment[], emulator: EmulatorFacts) {
  return Object.fromEntries(
    environments.map(({ registry, kubeletId }) => [
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

/** Linux answers on all of 127.0.0.0/8; elsewhere 127.0.0.2 and up need an alias of the loopback interface (README). */
function addressesOf(ports: 'default' | 'free'): (index: number) => string {
  if (process.platform !== 'linux') return (index) => `127.0.0.${2 + index * ADDRESSES}`;
  const middle = ports === 'default' ? '165.0' : `${randomInt(170, 250)}.${randomInt(1, 250)}`;
  return (index) => `127.${middle}.${1 + index * ADDRESSES}`;
}
