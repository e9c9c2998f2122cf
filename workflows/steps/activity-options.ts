/** Every timeout and retry of the engine, with its reason. The only place where workflows name a duration. */
import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { EngineActivities, EnvironmentActivities } from '../../src/contract/activities.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../src/contract/task-queues.ts';
import type { HealthRule, Timing } from '../../src/domain/rulebook.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Back-off between tries: quick at first, since most trouble is a blink, never slower than half a minute. */
const RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 30 * SECOND } as const;

/** One look or one change at a registry or cluster: seconds at most. */
const LOOK_MS = MINUTE;

/** A registry may copy for a long time (reports of an hour exist); after that it is asked anew. */
const IMPORT_MS = 2 * HOUR;

/** Beyond the roll-out's own limit, so that the activity itself can say why it failed. */
const GRACE_MS = MINUTE;

/** How long the release waits before it tries again to find its image, and how often it looks at a stuck undo by itself. */
export const TRY_AGAIN_MS = MINUTE;
export const UNDO_AGAIN_MS = HOUR;

/** How often closed gates are asked that cannot say when they open. */
export const GATES_AGAIN_MS = HOUR;
/** How often a stop or a hold is looked at before its end: often enough for a thaw, seldom enough for a month of waiting. */
export const RESTRAINTS_AGAIN_MS = 15 * MINUTE;

/** How long a question may be put off in all ("atDeadline: defer"): nobody approves in autumn what was asked in spring. */
export const DEFERRED_FOR_MS = 60 * 24 * HOUR;

/** Once somebody waits for a lease, it is asked whether its holder is still there, at once and then this often. */
export const HOLDERS_AGAIN_MS = MINUTE;

/** How often who waits for its turn asks again: for a desk that lost its memory, so seldom. */
export const ASK_AGAIN_MS = HOUR;

/** How long a promotion waits for its turn in all. */
export const TURN_FOR_MS = 30 * 24 * HOUR;

/** How often a desk looks around that nobody has spoken to; nothing depends on it. */
export const LOOK_AGAIN_MS = 24 * HOUR;

/** How long whoever sets a stop waits to hear that it is written down and told to those inside; both are tried for as long as it takes. */
export const WRITE_WAIT_MS = 8 * SECOND;

/** How long nobody is let go while a stop or a thaw is not written down: a zone that cannot write must not close its environment for good. */
export const UNWRITTEN_FOR_MS = MINUTE;

/** How long one reading of what an environment remembers may take before its desk says why it does not know, and when it reads again. */
const RECALL_FOR_MS = MINUTE;
export const RECALL_AGAIN_MS = 10 * SECOND;

/** How long another environment is asked before its answer is not known; the gate waits then, and asks again. */
const NEIGHBOUR_FOR_MS = MINUTE;

/** A worker that dies while it writes a stop down is noticed before anybody believes that it is enforced. */
const DESK_HEARTBEAT_MS = 5 * SECOND;

/** Those inside go on until they have been told: whoever dies while telling them is replaced soon. */
const TOLD_HEARTBEAT_MS = 3 * SECOND;

/** One look of a guardian: of many small requests, none of which anybody waits for. */
const GUARD_LOOK_MS = 3 * MINUTE;
const GUARD_HEARTBEAT_MS = 10 * SECOND;
/** How long a look waits for a worker of its environment before the guardian says that nobody looks, and when it tries again. */
const GUARD_BLIND_MS = 15 * MINUTE;
export const LOOK_FAILED_AGAIN_MS = MINUTE;
/** How long whoever asks a guardian to look waits for its answer. */
export const CHECK_FOR_MS = 30 * SECOND;

/** One event to one receiver: bounded, so that nothing is told a week late, and out of the way of everything else. */
const TELL_MS = 30 * SECOND;
const TELL_FOR_MS = 24 * HOUR;
/** While a desk waits for it before a new run, it gives nothing to anybody. */
const ANNOUNCE_FOR_MS = MINUTE;

/** How long one look of an observation is tried before its trouble is the answer. */
const OBSERVE_FOR_MS = 90 * SECOND;

/** Evidence may be many megabytes, and is tried for longer than any maintenance of a registry takes. */
const KEEP_MS = 10 * MINUTE;
const KEEP_FOR_MS = 3 * 24 * HOUR;

/** Configuration only: it answers at once or there is no worker. */
export function engineActivities() {
  return proxyActivities<EngineActivities>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: 10 * SECOND,
    retry: RETRY,
  });
}

/** A thousand who ask at once stand in line for some seconds; a worker that dies meanwhile is noticed sooner. */
export function askers(timing: Timing) {
  return proxyActivities<Pick<EngineActivities, 'requestLease' | 'restrain' | 'lift'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: LOOK_MS,
    heartbeatTimeout: timing.heartbeatMs,
    retry: RETRY,
  });
}

/** Said from inside a workflow task, so that a promotion can end with it: whatever it needs is there while the task runs. */
export function lastWords() {
  return proxyLocalActivities<Pick<EngineActivities, 'returnLease'>>({
    startToCloseTimeout: 10 * SECOND,
    retry: RETRY,
  });
}

/** What a desk says is passed on at once, or hardly ever: a desk that begins a new run waits for it. */
export function announcers() {
  return proxyActivities<Pick<EngineActivities, 'announce'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: 10 * SECOND,
    scheduleToCloseTimeout: ANNOUNCE_FOR_MS,
    retry: RETRY,
  });
}

/** A stop reaches everybody who is under way, however long it takes; a thousand need some seconds. */
export function tellers() {
  return proxyActivities<Pick<EngineActivities, 'tellRestraints'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: 10 * MINUTE,
    heartbeatTimeout: TOLD_HEARTBEAT_MS,
    retry: RETRY,
  });
}

/** A desk that begins a new run waits for the answer; it asks again by itself. */
export function lookers() {
  return proxyActivities<Pick<EngineActivities, 'whoHasEnded'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: 10 * SECOND,
    scheduleToCloseTimeout: ANNOUNCE_FOR_MS,
    retry: RETRY,
  });
}

export function messengers() {
  return proxyActivities<Pick<EngineActivities, 'notify'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: TELL_MS,
    scheduleToCloseTimeout: TELL_FOR_MS,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 10 * MINUTE },
  });
}

/** The activities of one environment. Each call adds its summary and, where it takes long, its own limit. */
export function environmentActivities(environment: string, timing: Timing) {
  return proxyActivities<EnvironmentActivities>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: LOOK_MS,
    scheduleToCloseTimeout: timing.retryForMs,
    heartbeatTimeout: timing.heartbeatMs,
    // Undo starts only when the cancelled step has really stopped.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
  });
}

/** The looks of an observation: nobody waits for a repair, so a trouble that lasts is said soon. */
export function observers(environment: string, timing: Timing) {
  return proxyActivities<
    Pick<
      EnvironmentActivities,
      | 'resolveImage'
      | 'planPromotion'
      | 'findKnownGood'
      | 'observeImage'
      | 'observeGates'
      | 'observeRegistry'
      | 'observeCluster'
    >
  >({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: LOOK_MS,
    scheduleToCloseTimeout: OBSERVE_FOR_MS,
    heartbeatTimeout: timing.heartbeatMs,
    retry: RETRY,
  });
}

/** Evidence of what has ended, written by the environment's own workers; nobody waits for it. */
export function archivists(environment: string, timing: Timing) {
  return proxyActivities<Pick<EnvironmentActivities, 'keepEvidence'>>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: KEEP_MS,
    scheduleToCloseTimeout: KEEP_FOR_MS,
    heartbeatTimeout: timing.heartbeatMs,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 10 * MINUTE },
  });
}

/** What another environment says before gates are asked; at the door a lease is held meanwhile, so not for long. */
export function neighbourActivities(environment: string, timing: Timing) {
  return proxyActivities<Pick<EnvironmentActivities, 'findSoaked'>>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: LOOK_MS,
    scheduleToCloseTimeout: NEIGHBOUR_FOR_MS,
    heartbeatTimeout: timing.heartbeatMs,
    retry: RETRY,
  });
}

/** What an environment's desk has its own workers do: without an end, since a stop that is not written down is not enforced. */
export function deskActivities(environment: string) {
  return proxyActivities<Pick<EnvironmentActivities, 'writeRestraints'>>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: LOOK_MS,
    heartbeatTimeout: DESK_HEARTBEAT_MS,
    retry: RETRY,
  });
}

/** What a desk that was opened anew has its own workers read. Tried again for as long as it takes, by the desk, which says meanwhile why. */
export function recallActivities(environment: string) {
  return proxyActivities<Pick<EnvironmentActivities, 'recallEnvironment'>>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: LOOK_MS,
    scheduleToCloseTimeout: RECALL_FOR_MS,
    heartbeatTimeout: DESK_HEARTBEAT_MS,
    retry: RETRY,
  });
}

/**
 * What a guardian sees. Its attempts are its rounds: each that finds nothing new fails and says when the next one is due, so this retry is
 * only for one whose worker died. Without an end; a look that is interrupted has ended before the next one begins.
 */
export function eyes(environment: string) {
  return proxyActivities<Pick<EnvironmentActivities, 'lookAfter'>>({
    taskQueue: environmentQueue(environment),
    startToCloseTimeout: GUARD_LOOK_MS,
    scheduleToStartTimeout: GUARD_BLIND_MS,
    heartbeatTimeout: GUARD_HEARTBEAT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: 5 * SECOND, backoffCoefficient: 1 },
  });
}

/** What a guardian says to a desk: without an end, since what it does about a finding it does once. */
export function guardHands() {
  return proxyActivities<Pick<EngineActivities, 'restrain'>>({
    taskQueue: ENGINE_QUEUE,
    startToCloseTimeout: LOOK_MS,
    heartbeatTimeout: DESK_HEARTBEAT_MS,
    retry: RETRY,
  });
}

export type Hands = ReturnType<typeof environmentActivities>;

/** Limits of a step that may take long when all is well: how long once, and how often when it fails. */
type Limits = Pick<
  ActivityOptions,
  'startToCloseTimeout' | 'scheduleToCloseTimeout' | 'scheduleToStartTimeout' | 'retry'
>;

export function importLimits(timing: Timing): Limits {
  return longLimits(timing, IMPORT_MS);
}

export function rollOutLimits(timing: Timing, rollOutTimeoutMs: number): Limits {
  return longLimits(timing, rollOutTimeoutMs + GRACE_MS);
}

export function healthLimits(timing: Timing, rule: HealthRule | undefined): Limits {
  const asking = rule === undefined ? 0 : rule.attempts * (rule.everyMs + rule.timeoutMs);
  return longLimits(timing, asking + GRACE_MS);
}

/** A long step is bounded by its number of failures, since a limit over all of them would cut off a good, slow one. */
function longLimits(timing: Timing, onceMs: number): Limits {
  return {
    startToCloseTimeout: onceMs,
    scheduleToCloseTimeout: onceMs * 2 + timing.retryForMs,
    scheduleToStartTimeout: timing.retryForMs,
    retry: { ...RETRY, maximumAttempts: attemptsWithin(timing.retryForMs) },
  };
}

/** How many tries at once failing ones the back-off puts into that time. */
export function attemptsWithin(ms: number): number {
  let attempts = 1;
  for (let waited = 0, next: number = RETRY.initialInterval; waited + next <= ms; attempts += 1) {
    waited += next;
    next = Math.min(next * RETRY.backoffCoefficient, RETRY.maximumInterval);
  }
  return attempts + 1;
}
