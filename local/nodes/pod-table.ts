/** The pods of one node, by uid: which to start, which to take over, which to end. */
import type { V1Pod } from '@kubernetes/client-node';
import type { ContainerLog } from './container-log.ts';
import { endPod, type NodeContext, type PodRun, runPod } from './pod-run.ts';
import { waitFor } from './wait.ts';

export interface PodTable {
  seen(pod: V1Pod): void;
  gone(pod: V1Pod): void;
  running(): Iterable<PodRun>;
  readonly logOf: (namespace: string, pod: string, container: string) => ContainerLog | undefined;
  abandonAll(): void;
}

const RETRY_MS = 500;

export function podTable(context: NodeContext, closing: AbortSignal): PodTable {
  const runs = new Map<string, PodRun>();
  const ending = new Set<string>();

  /** Tries until the pod is gone: a pod that nobody removes would hold up its ReplicaSet for ever. */
  async function end(uid: string, run: PodRun): Promise<void> {
    ending.add(uid);
    while (!closing.aborted) {
      try {
        await endPod(run, context, closing);
        return;
      } catch (error) {
        if (closing.aborted) return;
        context.report(`ending pod ${run.pod.metadata?.name}: ${(error as Error).message}`);
        await waitFor(RETRY_MS, closing).catch(() => undefined);
      }
    }
  }

  return {
    seen(pod) {
      const uid = pod.metadata?.uid ?? '';
      const known = runs.get(uid);
      if (known !== undefined) known.pod = pod;
      if (pod.metadata?.deletionTimestamp !== undefined) {
        const run = known ?? runPod(pod, context);
        runs.set(uid, run);
        if (!ending.has(uid)) void end(uid, run);
        return;
      }
      const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
      if (known === undefined && !finished) runs.set(uid, runPod(pod, context));
    },
    gone(pod) {
      const uid = pod.metadata?.uid ?? '';
      runs.get(uid)?.abandon();
      runs.delete(uid);
      ending.delete(uid);
    },
    running: () => runs.values(),
    logOf(namespace, name, container) {
      for (const run of runs.values()) {
        const metadata = run.pod.metadata;
        if (metadata?.namespace === namespace && metadata.name === name) return run.logOf(container);
      }
      return undefined;
    },
    abandonAll() {
      for (const run of runs.values()) run.abandon();
    },
  };
}
