/**
 * Taking turns in an environment: one promotion of a service at a time, in the order in which they asked, hot-fixes first. Pure, so
 * that the workflow that gives the leases, its tests and its documentation share one rule.
 */
import type { RestraintKind } from './restraint.ts';
import { compareVersions } from './version-order.ts';

/** `queue`: every one in its turn. `latest`: who waits is superseded by a newer version that waits too, enters, or is there. */
export const TURN_POLICIES = ['queue', 'latest'] as const;
export type TurnPolicy = (typeof TURN_POLICIES)[number];
export type Priority = 'normal' | 'hot-fix';

export interface LeaseRequest {
  readonly service: string;
  readonly version: string;
  readonly workflowId: string;
  readonly runId: string;
  /** ISO 8601. */
  readonly askedAt: string;
  /**
   * Which asking of its run this is, from 1. Not the time: a workflow's clock may show another one when a task is replayed that a dead
   * worker had begun.
   */
  readonly nth?: number;
  readonly policy: TurnPolicy;
  readonly priority: Priority;
  /** What it was allowed to pass, by people whom the zone has verified and verifies again. */
  readonly passes: readonly RestraintKind[];
  /** Is told which stop or hold keeps it waiting, with its end; absent from promotions of older engines, which hear the words alone. */
  readonly hearsRestraints?: true;
  /** It was asked for knowing that it may be older than what is there. */
  readonly mayBeOlder?: true;
}

/** As Temporal names runs: a message to any other one is refused by the server, and with it everything that was said beside it. */
const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LONGEST_ID = 1_000;

/** Whoever may write to the namespace can ask for anything. */
export function isLeaseRequest(asked: unknown): asked is LeaseRequest {
  if (typeof asked !== 'object' || asked === null) return false;
  const { service, version, workflowId, runId, askedAt, policy, priority, passes } = asked as Partial<LeaseRequest>;
  const texts = [service, version, workflowId, askedAt];
  return (
    texts.every((one) => typeof one === 'string' && one !== '' && one.length <= LONGEST_ID) &&
    typeof runId === 'string' &&
    RUN_ID.test(runId) &&
    TURN_POLICIES.includes(policy as TurnPolicy) &&
    (priority === 'normal' || priority === 'hot-fix') &&
    Array.isArray(passes)
  );
}

export interface Lease extends LeaseRequest {
  /** Grows with every lease of the environment: the zone refuses a smaller one than it has seen. */
  readonly fence: number;
  /** ISO 8601. */
  readonly since: string;
}

export interface Turns {
  /** The last fencing number that was given. */
  readonly fence: number;
  readonly held: readonly Lease[];
  /** In the order in which they asked. */
  readonly queue: readonly LeaseRequest[];
}

export const NO_TURNS: Turns = { fence: 0, held: [], queue: [] };

/** Holds a lease, or waits for one. */
export function isKnown({ held, queue }: Turns, runId: string): boolean {
  return [...held, ...queue].some((one) => one.runId === runId);
}

/** Asking twice changes nothing. Whoever asks again, where it has been forgotten, has the place of the time at which it asked first. */
export function ask(turns: Turns, request: LeaseRequest): Turns {
  if (isKnown(turns, request.runId)) return turns;
  const { queue } = turns;
  const later = queue.findIndex((one) => one.askedAt > request.askedAt);
  const place = later === -1 ? queue.length : later;
  return { ...turns, queue: [...queue.slice(0, place), request, ...queue.slice(place)] };
}

/** Given back by who held it, or by who does not want it any more. */
export function handBack(turns: Turns, runId: string): Turns {
  return {
    ...turns,
    held: turns.held.filter((one) => one.runId !== runId),
    queue: turns.queue.filter((one) => one.runId !== runId),
  };
}

/** Where the newer version is. */
export const NEWER = ['waits', 'enters', 'runs'] as const;
export type Newer = (typeof NEWER)[number];

export interface Superseded {
  readonly request: LeaseRequest;
  /** The version that takes its place. */
  readonly by: string;
  readonly newer: Newer;
}

/**
 * Who waits in vain, where the environment wants the latest only: an older version than another one that waits, has the lease, or runs
 * there. Hot-fixes go first instead, and whoever asked for an older version gets it. `running`: by service, as far as it is known.
 */
export function superseded(
  { held, queue }: Turns,
  running: Readonly<Record<string, { readonly version: string }>> = {},
): readonly Superseded[] {
  return queue.flatMap((request) => {
    const { service, policy, priority, mayBeOlder } = request;
    if (policy !== 'latest' || priority === 'hot-fix' || mayBeOlder === true) return [];
    const isNewer = (one: { readonly version: string } | undefined): boolean =>
      one !== undefined && compareVersions(one.version, request.version) === 'newer';
    const among = (all: readonly LeaseRequest[]) => all.find((one) => one.service === service && isNewer(one));
    const there = isNewer(running[service]) ? running[service] : undefined;
    const found = { waits: among(queue), enters: among(held), runs: there };
    return NEWER.flatMap((newer) => {
      const by = found[newer]?.version;
      return by === undefined ? [] : [{ request, by, newer }];
    }).slice(0, 1);
  });
}

/**
 * Gives every free service to whoever is next for it. `mayGo` says whether nothing restrains a request now. The fencing number is
 * counted on from the one before; whoever begins to count begins at the time in milliseconds.
 */
export function giveTurns(
  turns: Turns,
  nowMs: number,
  mayGo: (request: LeaseRequest) => boolean,
): { readonly turns: Turns; readonly given: readonly Lease[] } {
  const busy = new Set(turns.held.map((one) => one.service));
  const given: Lease[] = [];
  let fence = turns.fence;
  for (const request of inOrder(turns.queue)) {
    if (busy.has(request.service) || !mayGo(request)) continue;
    busy.add(request.service);
    fence += 1;
    given.push({ ...request, fence, since: new Date(nowMs).toISOString() });
  }
  if (given.length === 0) return { turns, given };
  const gone = new Set(given.map((one) => one.runId));
  const queue = turns.queue.filter((one) => !gone.has(one.runId));
  return { turns: { fence, held: [...turns.held, ...given], queue }, given };
}

/** Those who wait for the service, the next one first. */
export function waitingFor({ queue }: Turns, service: string): readonly LeaseRequest[] {
  return inOrder(queue.filter((one) => one.service === service));
}

/** Services that somebody waits for, by name. */
export function servicesWaitedFor({ queue }: Turns): readonly string[] {
  return [...new Set(queue.map((one) => one.service))].sort((a, b) => a.localeCompare(b));
}

function inOrder(queue: readonly LeaseRequest[]): readonly LeaseRequest[] {
  return [...queue.filter((one) => one.priority === 'hot-fix'), ...queue.filter((one) => one.priority === 'normal')];
}
