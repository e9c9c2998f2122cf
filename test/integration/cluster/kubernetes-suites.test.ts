import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { MERGE } from '../../../local/control-plane/kube-api.ts';
import { clusterSuites } from '../../ports/cluster/index.ts';
import type { ClusterSubject, Fate } from '../../ports/cluster/subject.ts';
import { CRASHING, DENIED_PULL } from './support/fates.ts';
import { sharedWorld, skip } from './support/cluster-world.ts';
import { type PodScript, READY, UNREADY } from './support/scripted-kubelet.ts';

const FATES: Readonly<Record<Fate, PodScript>> = {
  ready: READY,
  'never-ready': UNREADY,
  'pull-fails': DENIED_PULL,
  crashes: CRASHING,
};

/** Apply, roll-out, sight, inventory, watch, records. */
const shared = sharedWorld(6);

clusterSuites(
  'Kubernetes',
  async (): Promise<ClusterSubject> => {
    const world = await shared.start();
    const { cluster, sight, inventory, watch, records } = createKubernetesCluster({
      kubeconfig: world.plane.adminKubeconfig,
    });
    return {
      cluster,
      sight,
      inventory,
      watch,
      records,
      freshNamespace: world.freshNamespace,
      behave: (image, fate) => world.kubelet.script(image, FATES[fate]),
      async interfere(object, namespace) {
        await world.admin.apply(`/apis/apps/v1/namespaces/${namespace}/deployments/${object.metadata.name}`, object);
      },
      async expose(namespace, service) {
        const status = { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } };
        await world.admin.patch(`/api/v1/namespaces/${namespace}/services/${service}/status`, { status }, MERGE);
      },
      close: shared.leave,
    };
  },
  { skip },
);
