/**
 * Signs of life. Every activity beats, however short, because a killed worker is noticed only by the silence; what an
 * activity saves travels with each beat, so that its next attempt, in another process, goes on from there.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';

export interface Attempt<Saved> {
  /** What this or an earlier attempt saved last. */
  saved(): Saved | undefined;
  /** Remembers `state` for the next attempt, at once. */
  save(state: Saved): void;
  /** Fires when the step is cancelled or the worker stops. */
  readonly signal: AbortSignal;
}

/** A third of the heartbeat timeout leaves room for two lost beats. */
const BEATS_PER_TIMEOUT = 3;
const WITHOUT_TIMEOUT_MS = 10_000;

/** Runs `work` while beating; `Saved` must survive JSON. */
export async function whileBeating<Saved, Result>(work: (attempt: Attempt<Saved>) => Promise<Result>): Promise<Result> {
  const info = activityInfo();
  let state = info.heartbeatDetails as Saved | undefined;
  const every = (info.heartbeatTimeoutMs ?? WITHOUT_TIMEOUT_MS) / BEATS_PER_TIMEOUT;
  const timer = setInterval(() => heartbeat(state), every);
  const save = (next: Saved): void => {
    state = next;
    heartbeat(state);
  };
  try {
    return await work({ saved: () => state, save, signal: cancellationSignal() });
  } finally {
    clearInterval(timer);
  }
}
