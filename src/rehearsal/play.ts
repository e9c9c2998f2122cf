/**
 * Plays a release to its end: whenever it waits, time skips to the next moment at which something can happen, which is the end of
 * the wait or the moment at which the people answer. Time stands while this looks, so nothing is missed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { approveUpdate, statusQuery } from '../contract/promotion-workflow.ts';
import { releaseStatusQuery } from '../contract/release-workflow.ts';
import type { Outcome, PromotionPhase, PromotionStatus, ReleaseStatus, Waiting } from '../contract/status.ts';
import { promotionId } from '../contract/workflow-ids.ts';
import { peopleAsked } from './people.ts';
import type { RehearsalEvent, WaitKind } from './rehearsal.ts';
import type { SkippedTime } from './skipped-time.ts';

export interface Stage {
  readonly time: SkippedTime;
  readonly releaseId: string;
  readonly service: string;
  readonly version: string;
  readonly approveAfterMs: number;
  readonly signal: AbortSignal;
}

export interface Played {
  /** Waits and answers; a wait is written when it is over, after what happened meanwhile. */
  readonly events: readonly RehearsalEvent[];
  readonly outcome?: Outcome;
  /** Why it was not played to its end. */
  readonly givenUp?: string;
}

const DAY_MS = 86_400_000;
/** Of skipped time: longer than any release waits for gates and people of a usual path. */
const LONGEST_MS = 400 * DAY_MS;
/** Of real time without any change: steps take no time here, so something is stuck. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 5;
/** Gates that were asked so often and gave the same reason wait for something that no time brings. */
const MOST_PROLONGED = 3;

interface Wait {
  readonly environment: string;
  readonly kind: WaitKind;
  readonly waiting: Waiting;
  readonly status: PromotionStatus;
}

interface Play {
  readonly stage: Stage;
  readonly events: RehearsalEvent[];
  /** The wait that is under way; its event is written when it is over. */
  open: { readonly wait: Wait; readonly at: string } | undefined;
  /** Questions that were answered, or that nobody could answer. */
  readonly settled: Set<string>;
  /** How often the wait under way was only prolonged. */
  prolonged: number;
}

/** Throws the reason of the stage's signal when it is told to stop. */
export async function play(stage: Stage): Promise<Played> {
  const { time } = stage;
  const run: Play = { stage, events: [], open: undefined, settled: new Set(), prolonged: 0 };
  const begun = await time.look();
  let changed = Date.now();
  let last = '';
  for (;;) {
    stage.signal.throwIfAborted();
    const release = await releaseOf(stage);
    const now = await time.look();
    if (release.outcome !== undefined) return ended(run, now, { outcome: release.outcome });
    const wait = await waitOf(stage, release);
    note(run, wait, now);
    const givenUp = hopeless(run, wait, now - begun);
    if (givenUp !== undefined) return ended(run, now, { givenUp });

    const seen = JSON.stringify([release.legs, wait?.waiting, run.settled.size]);
    if (seen !== last) changed = Date.now();
    last = seen;
    if (Date.now() - changed > PATIENCE_MS) return ended(run, now, { givenUp: 'nothing happens any more' });
    if (!(await goOn(run, wait, now))) await pause(LOOK_AGAIN_MS);
  }
}

/** Why there is no use in going on. */
function hopeless({ prolonged }: Play, wait: Wait | undefined, passedMs: number): string | undefined {
  if (passedMs > LONGEST_MS) return `it has no end within ${LONGEST_MS / DAY_MS} days`;
  if (wait?.kind === 'undo') return wait.waiting.reason;
  if (wait?.kind !== 'gate' || prolonged < MOST_PROLONGED) return undefined;
  return `${wait.environment} waits for something that no time brings: ${wait.waiting.reason}`;
}

/** Answers, or skips to what comes next; false: neither, something is under way. */
async function goOn(run: Play, wait: Wait | undefined, now: number): Promise<boolean> {
  if (wait === undefined) return false;
  const { stage, settled } = run;
  const end = wait.waiting.until === undefined ? undefined : Date.parse(wait.waiting.until);
  const answerAt = Date.parse(wait.waiting.since) + stage.approveAfterMs;
  const isAsked = wait.kind === 'approval' && !settled.has(keyOf(wait));
  if (isAsked && now >= answerAt) return answer(run, wait, isoOf(now));
  const next = Math.min(end ?? Number.POSITIVE_INFINITY, isAsked ? answerAt : Number.POSITIVE_INFINITY);
  if (!Number.isFinite(next) || next <= now) return false;
  await stage.time.skipTo(next);
  run.prolonged += 1;
  return true;
}

async function answer(run: Play, wait: Wait, at: string): Promise<boolean> {
  const { stage, events, settled } = run;
  const { environment, status } = wait;
  const rule = status.plan?.approval;
  if (rule === undefined) return false;
  settled.add(keyOf(wait));
  const handle = handleOf(stage, environment);
  const by: string[] = [];
  try {
    for (const { name } of peopleAsked(rule)) {
      const statement = { decision: 'approve', approver: name, planDigest: status.planDigest ?? '' } as const;
      await handle.executeUpdate(approveUpdate, { args: [{ ...statement, reason: 'rehearsed' }] });
      by.push(name);
    }
  } catch (error) {
    const reason =
      error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
    events.push({ at, kind: 'unanswered', environment, reason });
  }
  if (by.length > 0) events.push({ at, kind: 'answered', environment, by });
  return true;
}

/** Writes down a wait that is over. Asked again with the same answer, it is the same wait. */
function note(run: Play, wait: Wait | undefined, now: number): void {
  const { open } = run;
  if (open !== undefined && wait !== undefined && sameWait(open.wait, wait)) return;
  run.prolonged = 0;
  if (open !== undefined) run.events.push(waitEvent(open, isoOf(now)));
  run.open = wait === undefined ? undefined : { wait, at: isoOf(now) };
}

function ended(run: Play, now: number, how: Omit<Played, 'events'>): Played {
  const { open } = run;
  const still = open === undefined ? [] : [waitEvent(open, how.outcome === undefined ? undefined : isoOf(now))];
  return { events: [...run.events, ...still], ...how };
}

function waitEvent({ wait, at }: NonNullable<Play['open']>, until: string | undefined): RehearsalEvent {
  const { environment, kind, waiting } = wait;
  const what = { environment, waitsFor: kind, reason: waiting.reason, for: waiting.for };
  return { at, kind: 'waits', ...what, ...(until === undefined ? {} : { until }) };
}

function sameWait(a: Wait, b: Wait): boolean {
  if (a.environment !== b.environment || a.kind !== b.kind) return false;
  // a question keeps its beginning while it reminds and defers; gates keep theirs while one after the other is waited for
  return a.kind === 'approval' ? a.waiting.since === b.waiting.since : a.waiting.reason === b.waiting.reason;
}

function keyOf({ environment, waiting }: Wait): string {
  return `${environment} ${waiting.since}`;
}

async function waitOf(stage: Stage, release: ReleaseStatus): Promise<Wait | undefined> {
  const leg = release.legs.find((one) => one.state === 'running');
  if (leg === undefined) return undefined;
  const status = await statusOf(stage, leg.environment);
  if (status?.waiting === undefined) return undefined;
  return { environment: leg.environment, kind: kindOf(status.phase), waiting: status.waiting, status };
}

const KINDS: Partial<Record<PromotionPhase, WaitKind>> = {
  'waiting-for-gate': 'gate',
  'waiting-for-approval': 'approval',
  'waiting-for-turn': 'turn',
  'needs-attention': 'attention',
  'undo-stuck': 'undo',
};

function kindOf(phase: PromotionPhase): WaitKind {
  return KINDS[phase] ?? 'other';
}

function releaseOf({ time, releaseId }: Stage): Promise<ReleaseStatus> {
  return time.client.workflow.getHandle(releaseId).query(releaseStatusQuery);
}

/** Undefined: it has not begun. */
export async function statusOf(stage: Stage, environment: string): Promise<PromotionStatus | undefined> {
  return handleOf(stage, environment)
    .query(statusQuery)
    .catch(() => undefined);
}

function handleOf({ time, service, version }: Stage, environment: string): ReturnType<Client['workflow']['getHandle']> {
  return time.client.workflow.getHandle(promotionId(service, version, environment));
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
