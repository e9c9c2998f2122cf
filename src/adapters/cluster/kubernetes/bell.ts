/** Waiting for "something has changed" or for a moment, whichever comes first. */

export interface Bell {
  ring(): void;
  /** Resolves at the next ring (or at once, if it has rung since the last wait), after `ms`, or when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Longest delay that timers of Node take. */
const LONGEST_MS = 2 ** 31 - 1;

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, Math.min(ms, LONGEST_MS)));
          signal.addEventListener('abort', resolve as () => void, { once: true });
          wake = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', resolve as () => void);
            resolve();
          };
        });
        wake?.();
        wake = undefined;
      }
      rung = false;
    },
  };
}
