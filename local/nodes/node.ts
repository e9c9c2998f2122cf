/** A Node object: what the scheduler and people see of a simulated node. */
import { type KubeApi, KubeApiError, MERGE, STRATEGIC } from '../control-plane/kube-api.ts';
import { timestamp } from './pod-status.ts';

/** What the scheduler may hand out; a pod that asks for more is really unschedulable. */
const CAPACITY = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '100Gi' } as const;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const NODE_INFO = {
  kubeletVersion: 'v1.36.3-simulated',
  operatingSystem: 'linux',
  containerRuntimeVersion: 'simulated://1',
  osImage: 'simulated',
  kernelVersion: '0',
  kubeProxyVersion: '',
  machineID: '',
  systemUUID: '',
  bootID: '',
} as const;

/** Registers the node, ready at once; doing it twice is doing it once. `kubeletPort` serves the containers' logs. */
export async function registerNode(api: KubeApi, name: string, address: string, kubeletPort: number): Promise<void> {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  await createNode(api, name, architecture);
  // Admission gives a new node the taint not-ready:NoSchedule; the controller that would remove it does not run here.
  await api.patch(`/api/v1/nodes/${name}`, { spec: { taints: null } }, MERGE);
  const at = timestamp();
  const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
    type,
    status: type === 'Ready' ? 'True' : 'False',
    reason: 'Simulated',
    message: 'a simulated node',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  }));
  const status = {
    capacity: CAPACITY,
    allocatable: CAPACITY,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: { ...NODE_INFO, architecture },
    conditions,
  };
  await api.patch(`/api/v1/nodes/${name}/status`, { status }, STRATEGIC);
}

async function createNode(api: KubeApi, name: string, architecture: string): Promise<void> {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
  };
  try {
    await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.reason !== 'AlreadyExists') throw error;
  }
}
