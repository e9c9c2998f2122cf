/** Looking at something again and again while it moves, and telling what has happened between two looks. */
import type { StepState } from '../contract/status.ts';
import type { Engine } from './engine.ts';
import { HistoryGrowth, type WatchedRun } from './history-growth.ts';
import { ReleaseEngineError } from './release-engine-error.ts';

export interface FollowOptions<View> {
  readonly signal?: AbortSignal;
  /** Told when the engine cannot answer for a while; the watch goes on. */
  readonly onTrouble?: (error: ReleaseEngineError) => void;
  /** Told of every look, before the events that it shows: for whoever draws the whole anew. */
  readonly onView?: (view: View) => void;
}

export interface WatchEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly kind:
    | 'release'
    | 'promotion'
    | 'step'
    | 'waiting'
    | 'attention'
    | 'restraint'
    | 'retrying'
    | 'answer-refused'
    | 'outcome';
  readonly environment?: string;
  readonly step?: string;
  readonly state?: StepState;
  /** One line for people. */
  readonly text: string;
  /** How long the step took, milliseconds. */
  readonly tookMs?: number;
  /** Commands that would answer it. */
  readonly answer?: readonly string[];
}

/** What it was at a moment (ISO 8601). */
export interface LookAt<View> {
  readonly at: string;
  readonly view: View;
}

/** What is looked at. */
export interface Followed<View> {
  look(before: View | undefined): Promise<View>;
  events(before: LookAt<View> | undefined, after: LookAt<View>): Iterable<WatchEvent>;
  isOver(view: View): boolean;
  /** Whose histories grow when something happens to it. */
  runs(view: View | undefined): readonly WatchedRun[];
}

/** Waits through missing workers and an unreachable engine, once it has seen something or somebody is told of that. */
export async function* following<View>(
  engine: Engine,
  followed: Followed<View>,
  options: FollowOptions<View>,
): AsyncGenerator<WatchEvent, View | undefined> {
  const { signal, onView } = options;
  const ended = new AbortController();
  const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const growth = new HistoryGrowth(engine, stop);
  let before: LookAt<View> | undefined;
  try {
    while (!stop.aborted) {
      const after = await unlessAborted(patiently(followed, before?.view, options), stop);
      if (after !== undefined) {
        onView?.(after);
        const now = { at: new Date().toISOString(), view: after };
        yield* followed.events(before, now);
        before = now;
        if (followed.isOver(after)) return after;
      }
      await growth.next(followed.runs(before?.view));
    }
    return before?.view;
  } finally {
    ended.abort();
  }
}

async function patiently<View>(
  followed: Followed<View>,
  before: View | undefined,
  { onTrouble }: FollowOptions<View>,
): Promise<View | undefined> {
  try {
    return await followed.look(before);
  } catch (error) {
    const passing =
      error instanceof ReleaseEngineError && (error.code === 'worker-missing' || error.code === 'temporal-unreachable');
    if (!passing || (before === undefined && onTrouble === undefined)) throw error;
    onTrouble?.(error);
    return undefined;
  }
}

/** A look that is under way does not keep somebody who wants to leave. */
async function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([value, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
