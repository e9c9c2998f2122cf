/**
 * A node whose pods do exactly what a test says, by image: each pod goes through the statuses of its script, one after the other.
 * No containers, no pulls; `local/nodes` simulates those. What it writes was recorded from a kubelet of 1.36.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeApi, KubeApiError, MERGE, STRATEGIC } from '../../../../local/control-plane/kube-api.ts';

export interface ContainerScript {
  readonly state: Record<string, unknown>;
  readonly ready?: boolean;
  readonly restarts?: number;
  readonly last?: Record<string, unknown>;
  readonly imageId?: string;
  /** Until the next status. */
  readonly forMs?: number;
}

export interface PodScript {
  readonly steps: readonly ContainerScript[];
  /** Goes on with the first step after the last one. */
  readonly repeat?: boolean;
}

export interface ScriptedKubelet {
  /** What pods with this image do from now on; pods that nobody has spoken of are ready at once. */
  script(image: string, script: PodScript): void;
  /** The same for one pod after the other: the first is 0. */
  scriptEach(image: string, script: (nth: number) => PodScript): void;
  /** A script that goes on only when told; `open` may be called before the pod exists. */
  gate(image: string): { open(): void };
  close(): Promise<void>;
}

interface Pod {
  readonly metadata: { name: string; namespace: string; uid: string; generation?: number; deletionTimestamp?: string };
  readonly spec: { nodeName?: string; containers: { name: string; image: string }[] };
  readonly status: { phase: string };
}

const NODE = 'scripted-node';
const RUNNING = { running: { startedAt: '2026-01-01T00:00:00Z' } };
export const READY: PodScript = { steps: [{ state: RUNNING, ready: true }] };
export const UNREADY: PodScript = { steps: [{ state: RUNNING }] };

export async function startScriptedKubelet(api: KubeApi): Promise<ScriptedKubelet> {
  const closing = new AbortController();
  const scripts = new Map<string, () => PodScript>();
  const gates = new Map<string, Promise<void>>();
  const seen = new Set<string>();
  let address = 0;
  await registerNode(api);

  const run = async (pod: Pod): Promise<void> => {
    const [container] = pod.spec.containers;
    const image = container?.image ?? '';
    const ip = `10.244.${(address >> 8) & 255}.${address++ & 255 || 1}`;
    await write(api, pod, ip, { state: { waiting: { reason: 'ContainerCreating' } } });
    await gates.get(image);
    const { steps, repeat } = scripts.get(image)?.() ?? READY;
    do {
      for (const step of steps) {
        if (!seen.has(pod.metadata.uid)) return;
        await write(api, pod, ip, step);
        if (step.forMs !== undefined) await sleep(step.forMs, undefined, { signal: closing.signal });
      }
    } while (repeat === true && !closing.signal.aborted);
  };
  const onPod = (type: string, pod: Pod): void => {
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
    if (type === 'DELETED') return void seen.delete(pod.metadata.uid);
    if (pod.spec.nodeName !== NODE) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (seen.delete(pod.metadata.uid))
        api.remove(path, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }).catch(ignoreGone);
      return;
    }
    if (seen.has(pod.metadata.uid) || pod.status.phase !== 'Pending') return;
    seen.add(pod.metadata.uid);
    run(pod).catch((error: Error) => {
      if (!closing.signal.aborted) console.error(`scripted kubelet, pod ${pod.metadata.name}: ${error.message}`);
    });
  };
  const watching = watchPods(api, onPod, closing.signal);
  return {
    script: (image, script) => void scripts.set(image, () => script),
    scriptEach(image, script) {
      let nth = 0;
      scripts.set(image, () => script(nth++));
    },
    gate(image) {
      const { promise, resolve } = Promise.withResolvers<void>();
      gates.set(image, promise);
      return { open: resolve };
    },
    async close() {
      closing.abort();
      await watching;
    },
  };
}

async function watchPods(api: KubeApi, onPod: (type: string, pod: Pod) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const list = await api.get<{ metadata: { resourceVersion: string }; items: Pod[] }>('/api/v1/pods');
      for (const pod of list.items) onPod('ADDED', pod);
      const stream = await api.stream(`/api/v1/pods?watch=1&resourceVersion=${list.metadata.resourceVersion}`, signal);
      let rest = '';
      for await (const chunk of stream.setEncoding('utf8')) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as { type: string; object: Pod };
          if (type === 'ERROR') throw new Error('the watch expired');
          onPod(type, object);
        }
      }
    } catch {
      // The API server is restarted by tests: try again until closed.
      if (!signal.aborted) await sleep(100);
    }
  }
}

function write(api: KubeApi, pod: Pod, ip: string, step: ContainerScript): Promise<void> {
  const { name, namespace, uid, generation } = pod.metadata;
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const ready = step.ready === true ? 'True' : 'False';
  const started = 'running' in step.state || (step.restarts ?? 0) > 0;
  const status = {
    phase: started ? 'Running' : 'Pending',
    observedGeneration: generation,
    podIP: ip,
    podIPs: [{ ip }],
    conditions: ['ContainersReady', 'Ready'].map((type) => ({ type, status: ready, lastTransitionTime: now })),
    containerStatuses: pod.spec.containers.map((one) => ({
      name: one.name,
      image: one.image,
      imageID: step.imageId ?? (started ? one.image : ''),
      ready: step.ready === true,
      started,
      restartCount: step.restarts ?? 0,
      state: { waiting: null, running: null, terminated: null, ...step.state },
      lastState: step.last ?? {},
    })),
  };
  return api
    .patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { metadata: { uid }, status }, STRATEGIC)
    .then(() => undefined, ignoreGone);
}

function ignoreGone(error: unknown): void {
  if (error instanceof KubeApiError && (error.status === 404 || error.status === 409)) return;
  throw error;
}

async function registerNode(api: KubeApi): Promise<void> {
  await api.create('/api/v1/nodes', { metadata: { name: NODE } }).catch(ignoreGone);
  // Admission gives a new node a not-ready taint that nobody here would take away.
  await api.patch(`/api/v1/nodes/${NODE}`, { spec: { taints: null } }, MERGE);
  const room = { cpu: '64', memory: '256Gi', pods: '1000' };
  const at = new Date().toISOString();
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'Scripted', lastHeartbeatTime: at, lastTransitionTime: at },
  ];
  await api.patch(
    `/api/v1/nodes/${NODE}/status`,
    { status: { capacity: room, allocatable: room, conditions } },
    STRATEGIC,
  );
}
