/** What becomes of a simulated pod: decided by its image alone, injected by whoever builds the cluster. */
import type { Refusal } from '../../../domain/error-code.ts';

export type ImageBehaviour =
  | 'ready'
  /** Starts and never becomes ready: the roll-out runs into its time limit. */
  | 'never-ready'
  | { readonly readyAfterMs: number }
  /** Fails as a pod would, at once or after a while. */
  | (Refusal & { readonly afterMs?: number });

/** What the pods of a workload are now, and when that changes; without `untilMs` it stays. */
export type PodState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'starting'; readonly untilMs?: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal };

/** The worst of all images decides; `since` and `now` in milliseconds since the epoch, `startMs` is added to every start. */
export function podState(behaviours: readonly ImageBehaviour[], startMs: number, since: number, now: number): PodState {
  const states = behaviours.map((one) => stateOf(one, startMs, since, now));
  const failed = states.find((one) => one.kind === 'failed');
  if (failed !== undefined) return failed;
  const starting = states.filter((one) => one.kind === 'starting');
  if (starting.length === 0) return { kind: 'ready' };
  const changes = starting.flatMap((one) => one.untilMs ?? []);
  return changes.length === 0 ? { kind: 'starting' } : { kind: 'starting', untilMs: Math.min(...changes) };
}

function stateOf(behaviour: ImageBehaviour, startMs: number, since: number, now: number): PodState {
  if (behaviour === 'never-ready') return { kind: 'starting' };
  const after = startMs + delayOf(behaviour);
  if (now < since + after) return { kind: 'starting', untilMs: since + after };
  if (behaviour === 'ready' || 'readyAfterMs' in behaviour) return { kind: 'ready' };
  const { afterMs: _, ...refusal } = behaviour;
  return { kind: 'failed', refusal };
}

function delayOf(behaviour: Exclude<ImageBehaviour, 'never-ready'>): number {
  if (behaviour === 'ready') return 0;
  return 'readyAfterMs' in behaviour ? behaviour.readyAfterMs : (behaviour.afterMs ?? 0);
}
