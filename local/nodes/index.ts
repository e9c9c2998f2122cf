/** Simulated nodes: they take the pods that the scheduler gives them, pull real images, and answer as these say. */
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { kubeApi, readKubeconfig } from '../control-plane/kube-api.ts';
import { addressPool } from './addresses.ts';
import type { Timing } from './container.ts';
import { effectLog } from './effect-log.ts';
import { eventsTo } from './events.ts';
import { imageStore } from './image-store.ts';
import { serveKubeletApi } from './kubelet-api.ts';
import { loadBalancer } from './load-balancer.ts';
import { registerNode } from './node.ts';
import { type NodeContext } from './pod-run.ts';
import { podTable } from './pod-table.ts';
import { type Registry, registry, type RegistryAccess } from './registry.ts';
import { follow } from './watch.ts';

export interface NodesOptions {
  /** Path; admin, or `ControlPlane.nodeKubeconfig()`. */
  readonly kubeconfig: string;
  /** By login server, as image references name it: `127.0.0.1:16501`. Other registries cannot be reached. */
  readonly registries: Readonly<Record<string, RegistryAccess>>;
  readonly loadBalancer: {
    /** In 127.0.0.0/8; two clusters on one machine need ranges that do not overlap. */
    readonly firstAddress: string;
    /** How many from there on; default 16. */
    readonly addresses?: number;
  };
  /** The node's disk: the images it holds. */
  readonly dir: string;
  /** Default `sluice-node`. */
  readonly name?: string;
  /** JSON lines of what the nodes did; absent: none. */
  readonly effectLog?: string;
  readonly timing?: Partial<Timing>;
  /** Hears of what went wrong inside the simulation; default: stderr. */
  readonly report?: (problem: string) => void;
}

export interface Nodes {
  readonly name: string;
  /** Stops at once. Pods stay as they are, as when a node loses its power; the next start takes them over. */
  close(): Promise<void>;
}

const DEFAULT_NAME = 'sluice-node';
const DEFAULT_ADDRESSES = 16;
const HOST_IP = '127.0.0.1';
const DEFAULT_TIMING: Timing = { startMs: 50, backOffMs: 500, exitMs: 100, stopMs: 50 };

/** Resolves once the node is registered and has seen the pods and services that are there. */
export async function startNodes(options: NodesOptions): Promise<Nodes> {
  mkdirSync(options.dir, { recursive: true });
  const name = options.name ?? DEFAULT_NAME;
  const report = options.report ?? ((problem: string) => console.error(`${name}: ${problem}`));
  const closing = new AbortController();
  const { signal } = closing;
  const api = kubeApi(readKubeconfig(options.kubeconfig));
  const registries = new Map(
    Object.entries(options.registries).map(([server, access]): [string, Registry] => [
      server,
      registry(server, access),
    ]),
  );
  const effects = effectLog(options.effectLog, name);
  const events = eventsTo(api, name, (error) => {
    if (!signal.aborted) report(`event: ${error.message}`);
  });
  const context: NodeContext = {
    api,
    node: name,
    hostIp: HOST_IP,
    images: imageStore(join(options.dir, 'images'), (server) => registries.get(server), effects, signal),
    timing: { ...DEFAULT_TIMING, ...options.timing },
    effects,
    events,
    report,
  };
  const pods = podTable(context, signal);
  const range = options.loadBalancer;
  const addresses = addressPool(range.firstAddress, range.addresses ?? DEFAULT_ADDRESSES);
  const balancer = loadBalancer({ api, addresses, effects, events, signal, report, pods: () => pods.running() });
  const kubelet = await serveKubeletApi(pods.logOf);
  try {
    await registerNode(api, name, HOST_IP, kubelet.port);
  } catch (error) {
    kubelet.close();
    api.close();
    throw error;
  }
  effects.write('node-registered', {});

  const interrupted = (error: Error): void => report(`watch: ${error.message}`);
  const watches = [
    follow<V1Pod>(api, `/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`, { ...pods, interrupted }, signal),
    follow<V1Service>(api, '/api/v1/services', { ...balancer, interrupted }, signal),
  ];
  await Promise.all(watches.map(({ listed }) => listed));
  return {
    name,
    async close() {
      closing.abort();
      pods.abandonAll();
      balancer.close();
      kubelet.close();
      await Promise.all(watches.map(({ ended }) => ended));
      for (const one of registries.values()) one.close();
      api.close();
    },
  };
}
