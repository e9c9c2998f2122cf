/**
 * Pods that keep a StatefulSet from getting back. Its controller waits for a broken pod to become ready before it replaces it, so
 * putting back the previous template alone changes nothing (kubernetes#67250). The rule: once the controller has seen the wanted
 * generation, a pod of another revision that is not ready and either shows why it cannot run, or has not been ready for
 * `stuckMs` since we look, is deleted; it serves nobody and stands in the way. Ready pods, and ordinals below `partition`, never are.
 */
import { type Pod, isReady, isTerminating } from './kubernetes-objects.ts';
import { oldPods, type WorkloadParts } from './newest-revision.ts';
import type { Patience } from './patience.ts';
import { symptomsOf } from './pod-symptoms.ts';
import { partitionOf } from './roll-out-progress.ts';
import type { Sightings } from './sightings.ts';

/** Pods that might be stuck, to be kept among the sightings. */
export function unreadyOldPods(parts: WorkloadParts): readonly Pod[] {
  if (parts.kind !== 'StatefulSet' || parts.object.status?.updateRevision === undefined) return [];
  const partition = partitionOf(parts.object);
  return oldPods(parts).filter((pod) => !isTerminating(pod) && !isReady(pod) && ordinal(pod) >= partition);
}

export function stuckKey(pod: Pod): string {
  return `${pod.metadata.uid}/stuck`;
}

export function isStuck(pod: Pod, sightings: Sightings, nowMs: number, patience: Patience): boolean {
  const since = sightings.get(stuckKey(pod))?.sinceMs ?? nowMs;
  return nowMs - since >= patience.stuckMs || symptomsOf(pod, false, patience).length > 0;
}

function ordinal(pod: Pod): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}
