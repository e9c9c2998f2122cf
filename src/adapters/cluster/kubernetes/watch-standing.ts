/** One watch for the pods of a namespace and one for each kind of workload that is guarded there, for as long as a worker lives. */
import type { PortError } from '../../../ports/port-error.ts';
import type { ClusterWatch } from '../../../ports/cluster-watch.ts';
import type { ApiClient } from './api-client.ts';
import { type Feed, follow, type FollowTiming } from './follow.ts';
import type { KubernetesObject, Pod, Workload } from './kubernetes-objects.ts';
import { standingShape } from './standing-shape.ts';
import { parseWorkload } from './workload-name.ts';

/**
 * Nobody waits for it as for a roll-out, and there may be hundreds: a dead connection may be noticed some minutes late, and a cluster
 * that is away is asked twice a minute.
 */
const TIMING: FollowTiming = {
  watchSeconds: 240,
  silenceMs: 10_000,
  backOffMs: [0, 250, 1_000, 5_000, 15_000, 30_000],
  refusalGraceMs: 60_000,
};

export function createClusterWatch(api: ApiClient, timing: FollowTiming = TIMING): ClusterWatch {
  return {
    async follow({ namespace, workloads }, listener, signal) {
      const names = workloads.map(parseWorkload);
      const shape = standingShape(names, (workload) => listener.changed(workload));
      const unlisted = new Set<string>();
      const losses = new Map<string, PortError>();
      // one that cannot go on ends the others
      const scope = new AbortController();
      const ending = AbortSignal.any([signal, scope.signal]);

      const start = <T extends KubernetesObject>(
        root: string,
        plural: string,
        resource: string,
        store: Pick<Feed<T>, 'replace' | 'change'>,
      ): Promise<void> => {
        unlisted.add(resource);
        const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
        const feed: Feed<T> = {
          replace(items) {
            store.replace(items);
            if (unlisted.delete(resource) && unlisted.size === 0) shape.begin();
          },
          change: (kind, object) => store.change(kind, object),
          lost(error) {
            const isFirst = losses.size === 0;
            losses.set(resource, error);
            if (isFirst) listener.lost(error);
          },
          found: () => {
            if (losses.delete(resource) && losses.size === 0) listener.found();
          },
        };
        return follow(
          api,
          { path, asked: { resource, namespace, what: `what runs in ${namespace}` } },
          feed,
          ending,
          timing,
        );
      };
      const kinds = new Map(names.map(({ kind, plural }) => [kind, plural]));
      try {
        await Promise.all([
          start<Pod>('/api/v1', 'pods', 'pods', shape.pods),
          ...[...kinds].map(([kind, plural]) =>
            start<Workload>('/apis/apps/v1', plural, `${plural}.apps`, shape.workloads(kind)),
          ),
        ]);
      } finally {
        scope.abort();
      }
    },
  };
}
