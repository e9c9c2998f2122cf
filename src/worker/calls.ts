/**
 * Many changes within a moment are one call; while changes go on, calls come at growing distances, so that a pod that starts again all day
 * is no storm. The last change is always followed by a call.
 */

export interface CallTiming {
  /** A change waits for those that come with it: until so long nothing has come … */
  readonly quietMs: number;
  /** … or for so long at most. */
  readonly longestMs: number;
  /** Between two calls of one name; doubled while changes go on, up to the longest. */
  readonly gapMs: number;
  readonly longestGapMs: number;
  /** Between two calls of any name: a whole namespace that has changed is called one after the other. */
  readonly paceMs: number;
}

export const CALL_TIMING: CallTiming = {
  quietMs: 1_000,
  longestMs: 5_000,
  gapMs: 10_000,
  longestGapMs: 5 * 60_000,
  paceMs: 50,
};

export interface Calls {
  changed(name: string): void;
  /** Calls nobody any more. */
  close(): void;
}

interface Line {
  timer: NodeJS.Timeout | undefined;
  /** Of the changes that wait, when the first one came. */
  firstAt: number;
  calledAt: number;
  gapMs: number;
}

/** `call` does not reject: whether it was heard is its answer, and one that was not is made again. */
export function createCalls(call: (name: string) => Promise<boolean>, timing: CallTiming = CALL_TIMING): Calls {
  const lines = new Map<string, Line>();
  let isClosed = false;
  let queue = Promise.resolve();

  const changed = (name: string): void => {
    if (isClosed) return;
    const now = Date.now();
    const line = lines.get(name) ?? { timer: undefined, firstAt: now, calledAt: -Infinity, gapMs: 0 };
    lines.set(name, line);
    if (line.timer === undefined) line.firstAt = now;
    clearTimeout(line.timer);
    const quiet = Math.min(now + timing.quietMs, line.firstAt + timing.longestMs);
    line.timer = setTimeout(() => enqueue(name, line), Math.max(quiet, line.calledAt + line.gapMs) - now);
  };
  const enqueue = (name: string, line: Line): void => {
    const now = Date.now();
    const goesOn = now - line.calledAt < 2 * line.gapMs;
    line.gapMs = goesOn ? Math.min(2 * line.gapMs, timing.longestGapMs) : timing.gapMs;
    line.calledAt = now;
    line.timer = undefined;
    queue = queue.then(() => make(name));
  };
  const make = async (name: string): Promise<void> => {
    if (isClosed) return;
    if (!(await call(name))) changed(name);
    await new Promise((resolve) => setTimeout(resolve, timing.paceMs));
  };
  return {
    changed,
    close() {
      isClosed = true;
      for (const { timer } of lines.values()) clearTimeout(timer);
    },
  };
}
