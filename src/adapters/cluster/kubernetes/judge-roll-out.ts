/**
 * Whether a roll-out is done: facts in, verdict out, no clock and no cluster. The rules:
 *
 * 1. What stands in the workload must be what we applied: another object, another pod template or another image means that somebody
 *    interfered. A new generation with the same template (an autoscaler's `replicas`) does not.
 * 2. Before the controller has observed the current generation, its status is about the past and nothing of it is read.
 * 3. Only pods of the newest revision can make it fail, by their own reason, and only all of them, or more than may be bad at once for
 *    a while: one bad node does not kill a release.
 * 4. It is complete when the controller's counts say so and the new pods are well. Availability counts `minReadySeconds` already, so
 *    nothing is waited for on top, unless a new pod has been restarted: then it must have run `steadyMs` since.
 * 5. A progress deadline that had passed before we looked is about an earlier attempt: it counts when it passes once more.
 */
import type { Refusal } from '../../../domain/error-code.ts';
import { type Pod, type Workload, conditionOf, isTerminating } from './kubernetes-objects.ts';
import { newPods, newestReplicaSet } from './newest-revision.ts';
import type { Patience } from './patience.ts';
import { type Symptom, symptomsOf } from './pod-symptoms.ts';
import { templateIdentity, templateImages } from './pod-template.ts';
import { DEADLINE_PASSED, type RollOutFacts } from './roll-out-facts.ts';
import { desiredPods, progressOf, tolerated } from './roll-out-progress.ts';
import { inWords, interfered, noProgress, refusal, sick, workloadMissing } from './roll-out-refusals.ts';
import { type Sightings, isRipe, look, ripensAt } from './sightings.ts';
import { isStuck, stuckKey, unreadyOldPods } from './stuck-pods.ts';

export type Judgement =
  | { readonly kind: 'complete'; readonly generation: number; readonly replicas: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal; readonly culprit?: Symptom }
  | {
      readonly kind: 'progressing';
      readonly line: string;
      /** When time alone may change the verdict, milliseconds since the epoch. */
      readonly lookAgainAt?: number;
      /** Pods to be deleted, see `stuck-pods.ts`. */
      readonly inTheWay: readonly Pod[];
    };

export interface Judged {
  readonly judgement: Judgement;
  /** To be given back at the next look. */
  readonly sightings: Sightings;
}

type Present = RollOutFacts & { readonly object: Workload };

const SOME_BAD = 'some-bad';
/** `progressDeadlineSeconds` when a Deployment does not say. */
const DEFAULT_DEADLINE_S = 600;

export function judgeRollOut(facts: RollOutFacts, before: Sightings, nowMs: number, patience: Patience): Judged {
  const { object } = facts;
  const settled = (judgement: Judgement): Judged => ({ judgement, sightings: before });
  if (object === undefined) return settled({ kind: 'failed', refusal: workloadMissing(facts) });
  const present: Present = { ...facts, object };
  const unfit = interference(present) ?? unfitness(present);
  if (unfit !== undefined) return settled({ kind: 'failed', refusal: unfit });
  if (!isObserved(object)) {
    return settled({ kind: 'progressing', line: 'waiting for its controller', inTheWay: [] });
  }
  return judgeObserved(present, before, nowMs, patience);
}

function judgeObserved(facts: Present, before: Sightings, nowMs: number, patience: Patience): Judged {
  const fresh = newPods(facts);
  const symptoms = allSymptoms(facts, fresh, patience);
  const unsteady = restartsOf(fresh, nowMs, patience);
  const unready = unreadyOldPods(facts);
  const first = look(symptoms, before, nowMs);
  const bad = badPods(symptoms, first, nowMs);
  const tooMany = bad.size > tolerated(facts, desiredPods(facts)) ? [{ key: SOME_BAD, mark: '' }] : [];
  const stuck = unready.map((pod) => ({ key: stuckKey(pod), mark: '' }));
  const sightings = look([...symptoms, ...unsteady, ...stuck, ...tooMany], before, nowMs);

  const someBadSince = sightings.get(SOME_BAD)?.sinceMs ?? nowMs;
  const doomed = (fresh.length > 0 && bad.size === fresh.length) || nowMs - someBadSince >= patience.someBadMs;
  const culprit = symptoms.find(
    (one) => isRipe(one, sightings, nowMs) && (one.pod === undefined || (doomed && bad.has(one.pod))),
  );
  if (culprit !== undefined) {
    const why = sick(facts, culprit, bad.size, fresh.length);
    return { judgement: { kind: 'failed', refusal: why, culprit }, sightings };
  }
  const progress = progressOf(facts);
  const deadline = deadlineOf(facts);
  if (deadline !== undefined && nowMs >= deadline.atMs) {
    const why = noProgress(facts, deadline.seconds, progress.line, symptoms);
    return { judgement: { kind: 'failed', refusal: why, ...(symptoms[0] && { culprit: symptoms[0] }) }, sightings };
  }
  const shaky = unsteady.filter((one) => nowMs - (sightings.get(one.key)?.sinceMs ?? nowMs) < patience.steadyMs);
  if (progress.done && shaky.length === 0) {
    const generation = facts.object.metadata.generation ?? 0;
    return { judgement: { kind: 'complete', generation, replicas: progress.desired }, sightings };
  }
  const times = [
    ...symptoms.map((one) => ripensAt(one, sightings)),
    ...shaky.map((one) => (sightings.get(one.key)?.sinceMs ?? nowMs) + patience.steadyMs),
    ...stuck.map((one) => (sightings.get(one.key)?.sinceMs ?? nowMs) + patience.stuckMs),
    tooMany.length > 0 ? someBadSince + patience.someBadMs : undefined,
    deadline?.atMs,
  ].filter((at) => at !== undefined && at > nowMs);
  const note = progress.done ? ', watching pods that were restarted' : '';
  const judgement: Judgement = {
    kind: 'progressing',
    line: `${progress.line}${note}${inWords(symptoms)}`,
    ...(times.length === 0 ? {} : { lookAgainAt: Math.min(...(times as number[])) }),
    inTheWay: unready.filter((pod) => isStuck(pod, sightings, nowMs, patience)),
  };
  return { judgement, sightings };
}

function interference(facts: Present): Refusal | undefined {
  const { object, first, image } = facts;
  if (first !== undefined && object.metadata.uid !== first.uid) {
    return interfered(facts, object, 'was deleted and made anew while it rolled out');
  }
  if (!templateImages(object.spec.template).includes(image)) {
    return interfered(facts, object, 'does not ask for the released image: it was changed');
  }
  if (first !== undefined && templateIdentity(object.spec.template) !== first.template) {
    return interfered(facts, object, 'got another pod template while it rolled out');
  }
  if (object.spec.paused === true) return interfered(facts, object, 'is paused: nothing rolls out');
  return undefined;
}

function unfitness({ object, kind, workload }: Present): Refusal | undefined {
  if (object.spec.updateStrategy?.type === 'OnDelete') {
    const message = `${workload} has updateStrategy OnDelete: it never rolls out by itself`;
    return { ...refusal('manifest-rejected', message), remedy: 'use RollingUpdate' };
  }
  if (kind !== 'DaemonSet' && object.spec.replicas === 0) {
    return refusal('scaled-to-zero', `${workload} is scaled to 0: nothing runs`, {
      expected: '1 pod or more',
      got: '0',
    });
  }
  if (kind === 'DaemonSet' && isObserved(object) && object.status?.desiredNumberScheduled === 0) {
    const message = `${workload} fits no node: nothing runs`;
    return refusal('scaled-to-zero', message, { expected: '1 node or more', got: '0' });
  }
  return undefined;
}

function isObserved(object: Workload): boolean {
  return (object.status?.observedGeneration ?? -1) >= (object.metadata.generation ?? 0);
}

function allSymptoms(facts: Present, fresh: readonly Pod[], patience: Patience): Symptom[] {
  const said = podsRefused(facts, fresh.length);
  const refused = said !== undefined && isDecision(said) ? said : undefined;
  const ofPods = fresh.flatMap((pod) => symptomsOf(pod, facts.scaledUp.has(pod.metadata.name), patience));
  if (refused === undefined) return ofPods;
  const code = /exceeded quota/.test(refused) ? 'quota-exceeded' : 'admission-denied';
  const whole: Symptom = { key: 'refused', mark: '', code, why: refused, ripeAfterMs: patience.notStartableMs };
  return [whole, ...ofPods];
}

/**
 * A controller that could not reach the API server (it is being restarted) puts that where refusals stand, as Go words it, and tries again
 * by itself: nobody has refused anything. An admission webhook that cannot be reached keeps pods out until somebody mends it.
 */
function isDecision(said: string): boolean {
  return /webhook/.test(said) || !/(\w+ "https?:\/\/[^"]+": |etcdserver: )/.test(said);
}

/** Quota and admission refuse pods, so no pod tells. While others are still going away, quota may become free by itself. */
function podsRefused(facts: Present, fresh: number): string | undefined {
  if (facts.pods.some(isTerminating)) return undefined;
  if (facts.kind !== 'Deployment') return fresh < desiredPods(facts) ? facts.podsRefused : undefined;
  const failure = conditionOf(newestReplicaSet(facts.object, facts.revisions)?.status?.conditions, 'ReplicaFailure');
  return failure?.status === 'True' ? (failure.message ?? 'no reason given') : undefined;
}

function badPods(symptoms: readonly Symptom[], sightings: Sightings, nowMs: number): ReadonlySet<string> {
  return new Set(symptoms.flatMap((one) => (isRipe(one, sightings, nowMs) ? (one.pod ?? []) : [])));
}

/** Restarted containers that, by the cluster's clock, have not run long yet; each restart begins a new sighting. */
function restartsOf(fresh: readonly Pod[], nowMs: number, patience: Patience): { key: string; mark: string }[] {
  return fresh.flatMap((pod) =>
    (pod.status?.containerStatuses ?? []).flatMap(({ name, restartCount = 0, state }) => {
      const startedAt = Date.parse(state?.running?.startedAt ?? '');
      if (restartCount === 0 || state?.running === undefined || nowMs - startedAt >= patience.steadyMs) return [];
      return [{ key: `${pod.metadata.uid}/${name}/ran/${restartCount}`, mark: '' }];
    }),
  );
}

/** When the controller's "no progress" counts: at once, or one deadline after a first look that found it passed already. */
function deadlineOf({ object, first }: Present): { atMs: number; seconds: number } | undefined {
  const progressing = conditionOf(object.status?.conditions, 'Progressing');
  if (progressing?.reason !== DEADLINE_PASSED) return undefined;
  const seconds = object.spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_S;
  const stale = first?.deadlinePassed !== undefined && first.deadlinePassed === (progressing.lastUpdateTime ?? '');
  return { atMs: stale ? first.atMs + seconds * 1000 : 0, seconds };
}
