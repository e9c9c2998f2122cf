/** Watching a roll-out until it is done, has failed, or is out of time: events in, one line for each change out. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RollOutRequest, RollOutVerdict } from '../../../ports/cluster.ts';
import type { ApiClient } from './api-client.ts';
import { type Bell, createBell } from './bell.ts';
import { withEvidence } from './evidence.ts';
import type { FollowTiming } from './follow.ts';
import { type Judgement, judgeRollOut } from './judge-roll-out.ts';
import type { Pod } from './kubernetes-objects.ts';
import type { Patience } from './patience.ts';
import type { RollOutFacts } from './roll-out-facts.ts';
import { outOfTime } from './roll-out-refusals.ts';
import type { Sightings } from './sightings.ts';
import { type Tracker, trackWorkload } from './track-workload.ts';
import { parseWorkload } from './workload-name.ts';

export interface WatchOptions {
  readonly patience: Patience;
  readonly follow?: FollowTiming;
}

interface Looked {
  readonly facts: RollOutFacts;
  readonly judgement: Judgement;
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * Starts from whatever is there, so it may be asked again at any time, also long after the roll-out is complete. Throws PortError when
 * it could not find out: no access, or the cluster was out of reach when time was up.
 */
export async function watchRollOut(
  api: ApiClient,
  request: RollOutRequest,
  onProgress: (line: string) => void,
  signal: AbortSignal,
  options: WatchOptions,
): Promise<RollOutVerdict> {
  signal.throwIfAborted();
  const names = request.workloads.map(parseWorkload);
  const scope = new AbortController();
  const watching = AbortSignal.any([signal, scope.signal]);
  const bell = createBell();
  const { namespace, image } = request;
  const trackers = names.map((workload) =>
    trackWorkload(api, { workload, namespace, image }, bell.ring, watching, options.follow),
  );
  const broken = Promise.race(trackers.map((one) => one.ended));
  try {
    const verdict = watchTrackers(api, request, trackers, bell, onProgress, watching, options.patience);
    const first = await Promise.race([verdict, broken.then(() => undefined)]);
    signal.throwIfAborted();
    return first ?? (await verdict);
  } finally {
    scope.abort();
  }
}

async function watchTrackers(
  api: ApiClient,
  request: RollOutRequest,
  trackers: readonly Tracker[],
  bell: Bell,
  onProgress: (line: string) => void,
  signal: AbortSignal,
  patience: Patience,
): Promise<RollOutVerdict> {
  const deadline = Date.now() + request.timeoutMs;
  const seen = new Map<Tracker, Sightings>();
  const deleted = new Set<string>();
  const tell = onlyChanges(onProgress);
  for (;;) {
    signal.throwIfAborted();
    const now = Date.now();
    const looked = trackers.filter((one) => one.isComplete()).map((one) => lookAt(one, seen, now, patience));
    const failed = looked.find((one) => one.judgement.kind === 'failed');
    if (failed?.judgement.kind === 'failed') {
      const { refusal, culprit } = failed.judgement;
      return { kind: 'failed', refusal: await withEvidence(api, failed.facts, refusal, culprit, signal) };
    }
    const done = looked.flatMap(({ facts, judgement }) => {
      if (judgement.kind !== 'complete') return [];
      return [{ ref: facts.workload, generation: judgement.generation, replicas: judgement.replicas }];
    });
    if (done.length === trackers.length) return { kind: 'complete', workloads: done };
    for (const one of looked) tell(one.facts.workload, lineOf(one.judgement));
    for (const one of trackers)
      if (one.lost() !== undefined) tell('connection', `${one.lost()?.message}; trying again`);
    if (now >= deadline) return endOfTime(api, request, trackers, looked, signal);
    await clearTheWay(api, looked, deleted, tell, signal);
    const next = looked.flatMap(({ judgement }) =>
      judgement.kind === 'progressing' ? (judgement.lookAgainAt ?? []) : [],
    );
    await bell.wait(Math.min(deadline, ...next) - Date.now(), signal);
    await nextTurn();
  }
}

function lookAt(tracker: Tracker, seen: Map<Tracker, Sightings>, nowMs: number, patience: Patience): Looked {
  const facts = tracker.facts();
  const { judgement, sightings } = judgeRollOut(facts, seen.get(tracker) ?? new Map(), nowMs, patience);
  seen.set(tracker, sightings);
  return { facts, judgement };
}

function lineOf(judgement: Judgement): string {
  return judgement.kind === 'progressing' ? judgement.line : 'complete';
}

async function endOfTime(
  api: ApiClient,
  request: RollOutRequest,
  trackers: readonly Tracker[],
  looked: readonly Looked[],
  signal: AbortSignal,
): Promise<RollOutVerdict> {
  const lost = trackers.find((one) => one.lost() !== undefined)?.lost();
  if (lost !== undefined) throw lost;
  const unfinished = looked.filter((one) => one.judgement.kind !== 'complete');
  const lines = unfinished.map(({ facts, judgement }) => `${facts.workload}: ${lineOf(judgement)}`);
  const refusal = outOfTime(lines.length === 0 ? ['the cluster has not answered yet'] : lines, request.timeoutMs);
  const [first] = unfinished;
  if (first === undefined) return { kind: 'failed', refusal };
  return { kind: 'failed', refusal: await withEvidence(api, first.facts, refusal, undefined, signal) };
}

/** Deletes pods that keep a StatefulSet from rolling out (`stuck-pods.ts`), each once. */
async function clearTheWay(
  api: ApiClient,
  looked: readonly Looked[],
  deleted: Set<string>,
  tell: (subject: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const { facts, judgement } of looked) {
    if (judgement.kind !== 'progressing') continue;
    for (const pod of judgement.inTheWay) {
      if (deleted.has(pod.metadata.uid)) continue;
      deleted.add(pod.metadata.uid);
      await deletePod(api, facts.namespace, pod, signal);
      tell(facts.workload, `pod ${pod.metadata.name} of another revision was stuck and is deleted`);
    }
  }
}

async function deletePod(api: ApiClient, namespace: string, pod: Pod, signal: AbortSignal): Promise<void> {
  const { name, uid } = pod.metadata;
  const request = {
    method: 'DELETE',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${name}`,
    body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } }),
    asked: { verb: 'delete', resource: 'pods', namespace, what: `pod/${name}` },
    signal,
  } as const;
  // Gone already, or its successor has the name: either is what was wanted.
  await api.call(request, [NOT_FOUND, CONFLICT]);
}

function onlyChanges(onProgress: (line: string) => void): (subject: string, line: string) => void {
  const last = new Map<string, string>();
  return (subject, line) => {
    if (last.get(subject) === line) return;
    last.set(subject, line);
    onProgress(subject === 'connection' ? line : `${subject}: ${line}`);
  };
}
