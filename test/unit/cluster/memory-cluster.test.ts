import { createMemoryCluster } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import type { ImageBehaviour } from '../../../src/adapters/cluster/memory/behaviour.ts';
import { clusterSuites } from '../../ports/cluster/index.ts';
import type { ClusterSubject, Fate } from '../../ports/cluster/subject.ts';

const FATES: Readonly<Record<Fate, ImageBehaviour>> = {
  ready: 'ready',
  'never-ready': 'never-ready',
  'pull-fails': { code: 'image-pull-failed', message: 'ErrImagePull: not found' },
  crashes: { code: 'crash-loop', message: 'CrashLoopBackOff', afterMs: 1 },
};

clusterSuites('in memory', async (): Promise<ClusterSubject> => {
  const namespaces: string[] = [];
  const behaviours = new Map<string, ImageBehaviour>();
  const { cluster, sight, inventory, watch, records } = createMemoryCluster({
    namespaces,
    behave: (image) => behaviours.get(image) ?? 'ready',
  });
  return {
    cluster,
    sight,
    inventory,
    watch,
    records,
    async freshNamespace() {
      const name = `case-${namespaces.length}`;
      namespaces.push(name);
      return name;
    },
    behave: (image, fate) => void behaviours.set(image, FATES[fate]),
    async interfere(object, namespace) {
      await cluster.apply([object], namespace, { dryRun: false, signal: new AbortController().signal });
    },
    expose: async () => undefined,
    close: async () => undefined,
  };
});
