/** A pod's status from what its containers do. Pure: the same states give the same status. */
import type { V1Pod } from '@kubernetes/client-node';

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export type ContainerPhase =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: string; readonly ready: boolean }
  | ({ readonly kind: 'ended' } & Ended);

export interface ContainerState {
  readonly name: string;
  readonly image: string;
  /** `repository@sha256:…` once it was pulled, as containerd reports it. */
  readonly imageId: string;
  readonly phase: ContainerPhase;
  readonly restarts: number;
  /** How the run before this one ended. */
  readonly last?: Ended;
}

export interface PodState {
  readonly startTime: string;
  readonly ip?: string;
  readonly hostIp: string;
  readonly initContainers: readonly ContainerState[];
  readonly containers: readonly ContainerState[];
  /** Simulated only: the real scheduler says this of pods that no node has seen. */
  readonly unschedulable?: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string | null;
  readonly message: string | null;
  readonly lastTransitionTime: string;
}

/** Kubernetes keeps times in whole seconds. */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The status to write; `before` are the conditions written last, so that a transition keeps its time. */
export function podStatus(pod: V1Pod, state: PodState, before: readonly Condition[], now: string): PodStatus {
  const phase = phaseOf(pod, state);
  return {
    phase,
    observedGeneration: pod.metadata?.generation,
    hostIP: state.hostIp,
    hostIPs: [{ ip: state.hostIp }],
    startTime: state.startTime,
    ...(state.ip === undefined ? {} : { podIP: state.ip, podIPs: [{ ip: state.ip }] }),
    conditions: conditionsOf(state, phase, before, now),
    ...(state.initContainers.length === 0
      ? {}
      : { initContainerStatuses: state.initContainers.map((init) => containerStatus(init, true)) }),
    containerStatuses: state.containers.map((container) => containerStatus(container, false)),
  };
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodStatus {
  readonly phase: PodPhase;
  readonly conditions: readonly Condition[];
  readonly [field: string]: unknown;
}

export function isReady(state: PodState): boolean {
  return state.containers.every(({ phase }) => phase.kind === 'running' && phase.ready);
}

function phaseOf(pod: V1Pod, { containers, initContainers }: PodState): PodPhase {
  const policy = pod.spec?.restartPolicy;
  const failed = (states: readonly ContainerState[]): boolean =>
    states.some(({ phase }) => phase.kind === 'ended' && phase.exitCode !== 0);
  if (policy === 'Never' && failed(initContainers)) return 'Failed';
  if (containers.every(({ phase, restarts }) => phase.kind === 'waiting' && restarts === 0)) return 'Pending';
  if (policy === 'Always' || containers.some(({ phase }) => phase.kind !== 'ended')) return 'Running';
  if (!failed(containers)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function conditionsOf(
  state: PodState,
  phase: PodPhase,
  before: readonly Condition[],
  now: string,
): readonly Condition[] {
  const ready = isReady(state);
  const initialised = state.initContainers.every(({ phase: { kind } }) => kind === 'running' || kind === 'ended');
  const done =
    phase === 'Succeeded' || phase === 'Failed' ? `Pod${phase === 'Failed' ? 'Failed' : 'Completed'}` : undefined;
  const notReady = done ?? 'ContainersNotReady';
  const message = `containers with unready status: [${state.containers
    .filter(({ phase: { kind, ...rest } }) => kind !== 'running' || !('ready' in rest && rest.ready))
    .map(({ name }) => name)
    .join(' ')}]`;
  const entries: [type: string, yes: boolean, reason: string, message: string][] = [
    ['PodScheduled', state.unschedulable === undefined, 'Unschedulable', state.unschedulable ?? ''],
    ['PodReadyToStartContainers', state.ip !== undefined, 'Starting', ''],
    ['Initialized', initialised, 'ContainersNotInitialized', 'containers with incomplete status'],
    ['ContainersReady', ready, notReady, message],
    ['Ready', ready, notReady, message],
  ];
  return entries.map(([type, yes, reason, text]) => {
    const status = yes ? 'True' : 'False';
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    // Nulls, because a strategic merge patch keeps what it does not name.
    return { type, status, reason: yes ? null : reason, message: yes ? null : text, lastTransitionTime };
  });
}

/** A finished init container counts as ready, a finished container does not. */
function containerStatus(state: ContainerState, isInit: boolean): Record<string, unknown> {
  const { phase } = state;
  const running = phase.kind === 'running';
  return {
    name: state.name,
    image: state.image,
    imageID: state.imageId,
    restartCount: state.restarts,
    ready: running ? phase.ready : isInit && phase.kind === 'ended' && phase.exitCode === 0,
    started: running,
    state: {
      waiting: phase.kind === 'waiting' ? { reason: phase.reason, message: phase.message ?? null } : null,
      running: running ? { startedAt: phase.startedAt } : null,
      terminated: phase.kind === 'ended' ? ended(phase) : null,
    },
    lastState: state.last === undefined ? {} : { terminated: ended(state.last) },
  };
}

function ended({ exitCode, reason, message, startedAt, finishedAt }: Ended): Record<string, unknown> {
  return { exitCode, reason, message: message ?? null, startedAt, finishedAt };
}
