/** A control plane with a simulated node and a registry beside it, and the few questions that tests ask of them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Deployment, V1Pod, V1Service } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { type KubeApi, kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { type Nodes, type NodesOptions, startNodes } from '../../../local/nodes/index.ts';
import { until } from '../../../local/tools/until.ts';
import { type RegistryFixture, startRegistryFixture } from '../../unit/nodes/registry-fixture.ts';

export interface TestCluster {
  readonly api: KubeApi;
  readonly plane: ControlPlane;
  readonly registry: RegistryFixture;
  readonly dir: string;
  nodes: Nodes;
  readonly problems: string[];
  /** Starts the node (again); `changes` to its options. */
  startNode(changes?: Partial<NodesOptions>): Promise<Nodes>;
  apply(...objects: readonly Manifest[]): Promise<void>;
  deployment(namespace: string, name?: string): Promise<V1Deployment>;
  pods(namespace: string): Promise<readonly V1Pod[]>;
  service(namespace: string, name?: string): Promise<V1Service>;
  effects(kind: string): readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const TIMEOUT_MS = 30_000;

/** `firstAddress` of the load balancers; each test file needs a range of its own. */
export async function aCluster(binary: string, firstAddress: string): Promise<TestCluster> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-nodes-'));
  const [plane, registry] = await Promise.all([
    startControlPlane({ binary, dir: join(dir, 'control-plane') }),
    startRegistryFixture(),
  ]);
  const api = kubeApi(readKubeconfig(plane.adminKubeconfig));
  const effectLog = join(dir, 'effects.jsonl');
  const problems: string[] = [];
  const kubeconfig = await plane.nodeKubeconfig();
  const startNode = (changes: Partial<NodesOptions> = {}): Promise<Nodes> =>
    startNodes({
      kubeconfig,
      registries: { [registry.loginServer]: registry.access },
      loadBalancer: { firstAddress, addresses: 4 },
      dir: join(dir, 'node'),
      effectLog,
      timing: { backOffMs: 100 },
      report: (problem) => problems.push(problem),
      ...changes,
    });
  const cluster: TestCluster = {
    api,
    plane,
    registry,
    dir,
    problems,
    nodes: await startNode(),
    startNode,
    async apply(...objects) {
      for (const object of objects) await api.apply(pathOf(object), object);
    },
    deployment: (namespace, name = 'iam') => api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`),
    pods: async (namespace) =>
      (await api.get<{ items: V1Pod[] }>(`/api/v1/namespaces/${namespace}/pods`)).items.filter(
        ({ metadata }) => metadata?.deletionTimestamp === undefined,
      ),
    service: (namespace, name = 'iam') => api.get(`/api/v1/namespaces/${namespace}/services/${name}`),
    effects: (kind) =>
      readFileSync(effectLog, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ effect }) => effect === kind),
    async stop() {
      await cluster.nodes.close();
      api.close();
      registry.close();
      await plane.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return cluster;
}

export function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  return until(ask, { what, timeoutMs: TIMEOUT_MS, everyMs: 30 });
}

const GROUPS: Readonly<Record<string, string>> = { v1: '/api/v1' };
const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  Job: 'jobs',
  Service: 'services',
  ConfigMap: 'configmaps',
  ResourceQuota: 'resourcequotas',
  Namespace: 'namespaces',
};

export function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = GROUPS[apiVersion] ?? `/apis/${apiVersion}`;
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`this test does not know the plural of ${kind}`);
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${scope}/${plural}/${metadata.name}`;
}
