/**
 * A Kubernetes cluster behind the ports Cluster, ClusterSight, ClusterWatch, ClusterInventory and ReleaseRecords (API of 1.36). Rights in the
 * namespace: get, list, watch, create, patch, delete on every kind in the manifests and on configmaps; get, list, watch on replicasets,
 * controllerrevisions, pods and events; get on pods/log; delete on pods for StatefulSets.
 */
import type { TokenCredential } from '@azure/core-auth';
import type { Cluster } from '../../../ports/cluster.ts';
import type { ClusterInventory } from '../../../ports/cluster-inventory.ts';
import type { ClusterSight } from '../../../ports/cluster-sight.ts';
import type { ClusterWatch } from '../../../ports/cluster-watch.ts';
import type { ReleaseRecords } from '../../../ports/release-records.ts';
import { type AksCluster, aksSource } from './aks.ts';
import { createApiClient } from './api-client.ts';
import { applySet } from './apply.ts';
import { connect, kubeconfigSource } from './connection.ts';
import { createDiscovery } from './discovery.ts';
import type { FollowTiming } from './follow.ts';
import { createInventory } from './inventory.ts';
import { lookOnce } from './look-once.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { createRecords } from './records.ts';
import { removeAll } from './remove.ts';
import { runningPodsOf } from './running-pods.ts';
import { serviceAddress } from './service-address.ts';
import { createSight } from './sight.ts';
import { watchRollOut } from './watch-roll-out.ts';
import { createClusterWatch } from './watch-standing.ts';
import { parseWorkload } from './workload-name.ts';

export type KubernetesOptions = (
  | { readonly kubeconfig: string; readonly context?: string }
  | { readonly aks: AksCluster; readonly credential: TokenCredential }
) & {
  /** How long bad signs may last, where the defaults do not fit. */
  readonly patience?: Partial<Patience>;
  readonly follow?: FollowTiming;
};

/** Connects at the first request; the same connection serves all of them. */
export function createKubernetesCluster(options: KubernetesOptions): {
  cluster: Cluster;
  sight: ClusterSight;
  records: ReleaseRecords;
  watch: ClusterWatch;
  inventory: ClusterInventory;
} {
  const source =
    'aks' in options
      ? aksSource(options.aks, options.credential)
      : kubeconfigSource(options.kubeconfig, options.context);
  const api = createApiClient(connect(source));
  const discovery = createDiscovery(api);
  const patience = { ...PATIENCE, ...options.patience };
  const watchOptions = { patience, ...(options.follow === undefined ? {} : { follow: options.follow }) };
  /** For calls whose port has no signal: each request is bounded by the client. */
  const never = new AbortController().signal;
  const cluster: Cluster = {
    apply: (objects, namespace, applyOptions) => applySet(api, discovery, objects, namespace, applyOptions),
    watchRollOut: (request, onProgress, signal) => watchRollOut(api, request, onProgress, signal, watchOptions),
    async runningPods(namespace, workloads, image) {
      const looks = workloads.map(async (text) => {
        const parts = await lookOnce(api, namespace, parseWorkload(text), never);
        return parts === undefined ? [] : runningPodsOf(parts, text, image);
      });
      return (await Promise.all(looks)).flat();
    },
    remove: (objects, signal) => removeAll(api, discovery, objects, signal),
    serviceAddress: (namespace, service) => serviceAddress(api, namespace, service, never),
  };
  return {
    cluster,
    sight: createSight(api, discovery),
    records: createRecords(api, discovery),
    watch: createClusterWatch(api, options.follow),
    inventory: createInventory(api),
  };
}
