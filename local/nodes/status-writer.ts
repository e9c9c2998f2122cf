/** Writing a pod's status: one write at a time, always the latest state, again after a lost connection. */
import type { V1Pod } from '@kubernetes/client-node';
import { type KubeApi, KubeApiError, STRATEGIC } from '../control-plane/kube-api.ts';
import { type Condition, isReady, type PodState, podStatus, timestamp } from './pod-status.ts';
import { waitFor } from './wait.ts';

export interface StatusWriter {
  /** Whether the API server knows the pod as ready. */
  readonly ready: boolean;
  write(state: PodState): void;
}

interface Context {
  readonly api: KubeApi;
  report(problem: string): void;
}

const RETRY_MS = 250;

export function statusWriter(pod: V1Pod, context: Context, signal: AbortSignal): StatusWriter {
  const path = `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/status`;
  let conditions = (pod.status?.conditions ?? []).map(knownCondition);
  let ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  let wanted: PodState | undefined;
  let writing = false;

  async function writeLatest(): Promise<void> {
    try {
      for (let state = wanted; state !== undefined && !signal.aborted; state = wanted) {
        wanted = undefined;
        const status = podStatus(pod, state, conditions, timestamp());
        const kept = await put({ metadata: { uid: pod.metadata?.uid }, status });
        if (!kept) return;
        conditions = [...status.conditions];
        ready = isReady(state);
      }
    } finally {
      writing = false; // in the same tick as the last look at `wanted`
    }
  }

  /** False: the pod is gone, nothing more needs to be written. */
  async function put(body: unknown): Promise<boolean> {
    for (;;) {
      try {
        await context.api.patch(path, body, STRATEGIC);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        const answered = error instanceof KubeApiError;
        if (answered && (error.status === 404 || error.status === 409)) return false;
        if (answered && error.status < 500 && error.status !== 429) throw error;
        await waitFor(RETRY_MS, signal);
      }
    }
  }

  return {
    get ready() {
      return ready;
    },
    write(state) {
      wanted = state;
      if (writing) return;
      writing = true;
      writeLatest().catch((error: Error) => {
        if (!signal.aborted) context.report(`status of ${pod.metadata?.name}: ${error.message}`);
      });
    },
  };
}

function knownCondition(condition: { type: string; status: string; lastTransitionTime?: unknown }): Condition {
  return {
    type: condition.type,
    status: condition.status === 'True' ? 'True' : 'False',
    reason: null,
    message: null,
    lastTransitionTime: String(condition.lastTransitionTime),
  };
}
