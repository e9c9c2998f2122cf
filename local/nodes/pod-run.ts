/** The life of one pod on a node: its containers, the status they add up to, and what is left when it ends. */
import { createHash } from 'node:crypto';
import type { V1Container, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { type KubeApi, KubeApiError } from '../control-plane/kube-api.ts';
import { type ContainerLog, containerLog } from './container-log.ts';
import type { ContainerChange, ContainerRun, RestartPolicy, Timing } from './container.ts';
import { runContainer } from './container-run.ts';
import type { EffectLog } from './effect-log.ts';
import type { Events } from './events.ts';
import type { ImageStore, PullPolicy } from './image-store.ts';
import { checkVolumes, ConfigurationError, environmentOf } from './pod-configuration.ts';
import { type ContainerState, type PodState, timestamp } from './pod-status.ts';
import type { Program } from './program.ts';
import { simulationOf } from './simulation.ts';
import { statusWriter } from './status-writer.ts';
import { waitFor, waitForEnd } from './wait.ts';

/** What every pod of a node shares. */
export interface NodeContext {
  readonly api: KubeApi;
  readonly node: string;
  readonly hostIp: string;
  readonly images: ImageStore;
  readonly timing: Timing;
  readonly effects: EffectLog;
  readonly events: Events;
  report(problem: string): void;
}

/** A container that answers requests now. */
export interface Backend {
  readonly container: V1Container;
  readonly program: Program;
  readonly digest: string;
}

export interface PodRun {
  /** Its latest description. */
  pod: V1Pod;
  /** Ready, as the API server has been told. */
  readonly ready: boolean;
  readonly backends: readonly Backend[];
  logOf(container: string): ContainerLog | undefined;
  /** Stops at once; nothing more is written. */
  abandon(): void;
}

type Role = 'containers' | 'initContainers';
interface MutableState {
  startTime: string;
  ip?: string;
  hostIp: string;
  initContainers: ContainerState[];
  containers: ContainerState[];
  unschedulable?: string;
}

/** Starts, or takes over, a pod that is bound to this node. */
export function runPod(pod: V1Pod, context: NodeContext): PodRun {
  const ending = new AbortController();
  const state = initialState(pod, context.hostIp);
  const logs = new Map<string, ContainerLog>();
  const backends = new Map<string, Backend>();
  const writer = statusWriter(pod, context, ending.signal);
  const run: PodRun = {
    pod,
    get ready() {
      return writer.ready && !ending.signal.aborted;
    },
    get backends() {
      return [...backends.values()];
    },
    logOf: (container) => logs.get(container),
    abandon: () => ending.abort(),
  };

  const containerRun = (role: Role, index: number, container: V1Container): ContainerRun => {
    const log = containerLog();
    logs.set(container.name, log);
    const { namespace, name } = pod.metadata ?? {};
    const facts = { namespace, pod: name, container: container.name };
    return {
      pod,
      container,
      restartPolicy: restartPolicyOf(pod, container, role),
      simulation: simulationOf(pod),
      timing: context.timing,
      log,
      restarts: state[role][index]?.restarts ?? 0,
      adopted: state[role][index]?.phase.kind === 'running',
      signal: ending.signal,
      obtain: (image) => context.images.obtain(image, policyOf(container), ending.signal),
      environment: () => environmentOf(context.api, pod, container),
      report: (change) => {
        state[role][index] = changed(state[role][index] as ContainerState, change);
        writer.write(snapshot(state));
      },
      announce: (image, restarts) => {
        context.effects.write('container-started', { ...facts, digest: image.digest, restarts });
        context.events.normal(pod, 'Started', `Container started: ${container.name}`);
      },
      started: (program, image) => void backends.set(container.name, { container, program, digest: image.digest }),
      ended: ({ exitCode }) => {
        backends.delete(container.name);
        context.effects.write('container-ended', { ...facts, exitCode });
      },
      event: (type, reason, message) => context.events[type](pod, reason, message),
    };
  };

  const live = async (): Promise<void> => {
    const simulation = simulationOf(pod);
    if (simulation === 'unschedulable') {
      state.unschedulable = `0/1 nodes are available: simulated by annotation. preemption: not helpful`;
      writer.write(snapshot(state));
      return waitForEnd(ending.signal);
    }
    if (!wasRunning(pod)) writer.write(snapshot(state));
    if (simulation === 'pending') return waitForEnd(ending.signal);
    await waitForVolumes(pod, context, ending.signal);
    state.ip = addressOf(pod);
    const sidecars: Promise<unknown>[] = [];
    for (const [index, container] of (pod.spec?.initContainers ?? []).entries()) {
      const running = runContainer(containerRun('initContainers', index, container));
      running.catch(() => undefined); // reported below, when it is awaited
      if (container.restartPolicy === 'Always') sidecars.push(running);
      else if ((await running).exitCode !== 0) return writer.write(snapshot(state)); // Failed: it never starts again
    }
    const containers = pod.spec?.containers ?? [];
    const running = containers.map((container, index) => runContainer(containerRun('containers', index, container)));
    await Promise.all([...running, ...sidecars]);
  };
  live().catch((error: Error) => {
    if (!ending.signal.aborted)
      context.report(`pod ${pod.metadata?.namespace}/${pod.metadata?.name}: ${error.message}`);
  });
  return run;
}

/** Ends a pod that was asked to go: its containers get their time to stop, then the object is deleted. */
export async function endPod(run: PodRun, context: NodeContext, closing: AbortSignal): Promise<void> {
  run.abandon();
  const { name, namespace, uid, deletionGracePeriodSeconds = 0 } = run.pod.metadata ?? {};
  await waitFor(Math.min(context.timing.stopMs, deletionGracePeriodSeconds * 1000), closing);
  try {
    await context.api.remove(`/api/v1/namespaces/${namespace}/pods/${name}`, {
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
    context.effects.write('pod-removed', { namespace, pod: name });
  } catch (error) {
    // Gone already, or another pod of that name: both mean that this one is no more.
    if (!(error instanceof KubeApiError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}

function initialState(pod: V1Pod, hostIp: string): MutableState {
  const initial = (container: V1Container, statuses: readonly V1ContainerStatus[] = []): ContainerState => {
    const status = statuses.find(({ name }) => name === container.name);
    const running = status?.state?.running;
    return {
      name: container.name,
      image: container.image ?? '',
      imageId: status?.imageID ?? '',
      restarts: status?.restartCount ?? 0,
      phase:
        running === undefined || running === null
          ? { kind: 'waiting', reason: 'ContainerCreating' }
          : { kind: 'running', startedAt: String(running.startedAt), ready: status?.ready ?? false },
    };
  };
  return {
    startTime: pod.status?.startTime === undefined ? timestamp() : String(pod.status.startTime),
    ...(pod.status?.podIP === undefined ? {} : { ip: pod.status.podIP }),
    hostIp,
    initContainers: (pod.spec?.initContainers ?? []).map((it) => initial(it, pod.status?.initContainerStatuses)),
    containers: (pod.spec?.containers ?? []).map((it) => initial(it, pod.status?.containerStatuses)),
  };
}

function changed(state: ContainerState, change: ContainerChange): ContainerState {
  return { ...state, ...change };
}

function snapshot(state: MutableState): PodState {
  return { ...state, initContainers: [...state.initContainers], containers: [...state.containers] };
}

function wasRunning(pod: V1Pod): boolean {
  return pod.status?.containerStatuses?.some(({ state }) => state?.running != null) ?? false;
}

async function waitForVolumes(pod: V1Pod, context: NodeContext, signal: AbortSignal): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      return await checkVolumes(context.api, pod);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (!told) context.events.warning(pod, 'FailedMount', error.message);
      await waitFor(context.timing.backOffMs, signal);
    }
  }
}

/** Init containers run until they succeed once, unless they are sidecars. */
function restartPolicyOf(pod: V1Pod, container: V1Container, role: Role): RestartPolicy {
  const policy = (pod.spec?.restartPolicy ?? 'Always') as RestartPolicy;
  if (role === 'containers') return policy;
  if (container.restartPolicy === 'Always') return 'Always';
  return policy === 'Never' ? 'Never' : 'OnFailure';
}

/** As the API server defaults it: a tag `latest` is always pulled, everything else once. */
function policyOf(container: V1Container): PullPolicy {
  return (container.imagePullPolicy as PullPolicy | undefined) ?? 'IfNotPresent';
}

/** From the pod network 10.244.0.0/16, which leads nowhere; the same pod has the same address after a restart. */
function addressOf(pod: V1Pod): string {
  const [a = 0, b = 0] = createHash('sha256')
    .update(pod.metadata?.uid ?? '')
    .digest();
  return `10.244.${a}.${b}`;
}
