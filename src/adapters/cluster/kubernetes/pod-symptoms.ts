/** What is wrong with one pod, in its own words. Which of it is fatal, and when, was measured on a real kubelet of 1.36. */
import type { ErrorCode } from '../../../domain/error-code.ts';
import { type ContainerState, type ContainerStatus, type Pod, conditionOf, isReady } from './kubernetes-objects.ts';
import type { Patience } from './patience.ts';
import { redactLine } from './redact-line.ts';

export interface Symptom {
  /** The same trouble at the next look has the same key. */
  readonly key: string;
  /** Changes with each new attempt of the node. */
  readonly mark: string;
  readonly code: ErrorCode;
  /** Undefined: not of one pod but of the whole workload. */
  readonly pod?: string;
  readonly container?: string;
  /** `container web: ErrImagePull: … not found`. */
  readonly why: string;
  readonly ripeAfterMs: number;
  readonly orAttempts?: number;
  /** The container has run before, so that its previous log may say why it ended. */
  readonly ranBefore?: boolean;
}

/** Registries say no in many words; anything else (time-outs, DNS) may pass and is left to the deadline. */
const DENIED = /not found|notfound|manifest unknown|unauthorized|denied|forbidden|authentication required/i;
const PASSING = /failed to sync .* cache/;
/** The runtime could not start the process at all: container runtimes report it as an exit. */
const NOT_STARTED = ['ContainerCannotRun', 'StartError'];
const RESTARTS_THAT_COUNT = 2;

/** `scaledUp`: an autoscaler has promised a node. */
export function symptomsOf(pod: Pod, scaledUp: boolean, patience: Patience): Symptom[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const ofContainers = statuses.flatMap((one) => containerSymptom(pod, one, patience) ?? []);
  const scheduling = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (scheduling?.status !== 'False' || scheduling.reason !== 'Unschedulable' || scaledUp) return ofContainers;
  const symptom: Symptom = {
    key: `${pod.metadata.uid}/unschedulable`,
    mark: '',
    code: 'unschedulable',
    pod: pod.metadata.name,
    why: scheduling.message ?? 'no node takes it',
    ripeAfterMs: patience.unschedulableMs,
  };
  return [...ofContainers, symptom];
}

function containerSymptom(pod: Pod, status: ContainerStatus, patience: Patience): Symptom | undefined {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  const make = (code: ErrorCode, key: string, rest: Partial<Symptom>): Symptom => ({
    key: `${pod.metadata.uid}/${status.name}/${key}`,
    mark: `${reason}/${status.restartCount ?? 0}`,
    code,
    pod: pod.metadata.name,
    container: status.name,
    why: `container ${status.name}: ${reason}${message === '' ? '' : `: ${message}`}`,
    ripeAfterMs: 0,
    ...rest,
  });
  switch (reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return make('image-pull-failed', 'image', {});
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      if (!DENIED.test(message)) return undefined;
      return make('image-pull-failed', 'pull', {
        ripeAfterMs: patience.imagePullMs,
        orAttempts: patience.imagePullAttempts,
      });
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      if (PASSING.test(message)) return undefined;
      return make('container-not-startable', 'start', { ripeAfterMs: patience.notStartableMs });
    default:
      return crashOf(pod, status, make, patience);
  }
}

function crashOf(
  pod: Pod,
  status: ContainerStatus,
  make: (code: ErrorCode, key: string, rest: Partial<Symptom>) => Symptom,
  patience: Patience,
): Symptom | undefined {
  const backOff = status.state?.waiting?.reason === 'CrashLoopBackOff';
  const ended = status.lastState?.terminated ?? status.state?.terminated;
  const restarts = status.restartCount ?? 0;
  const why = `container ${status.name}: ${backOff ? 'CrashLoopBackOff' : 'keeps ending'}, ${restarts} restarts${endOf(ended)}`;
  if (ended !== undefined && NOT_STARTED.includes(ended.reason ?? '') && (backOff || restarts >= RESTARTS_THAT_COUNT)) {
    return make('container-not-startable', 'start', { why, ripeAfterMs: patience.notStartableMs });
  }
  if (backOff) return make('crash-loop', 'crash', { why, ranBefore: true });
  const again = restarts >= RESTARTS_THAT_COUNT && (ended?.exitCode ?? 0) !== 0;
  return again && !isReady(pod) ? make('crash-loop', 'crash', { why, ranBefore: true }) : undefined;
}

/** `, exit code 1 (Error): its last words`, as far as known. */
function endOf(ended: ContainerState['terminated']): string {
  if (ended === undefined) return '';
  const reason = ended.reason === undefined ? '' : ` (${ended.reason})`;
  const message = ended.message === undefined ? '' : `: ${redactLine(ended.message)}`;
  return `, exit code ${ended.exitCode}${reason}${message}`;
}
