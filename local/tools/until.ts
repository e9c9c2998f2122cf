/** Waiting for a condition outside this process, and saying what was waited for when it does not come. */

type Answer<T> = T | undefined | false;

export interface UntilOptions {
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Settles when waiting has become pointless, with the reason. */
  readonly hopeless?: Promise<string>;
}

/** Asks until the answer is neither undefined nor false, nor an error; throws with the last error when time is up. */
export async function until<T>(ask: () => Promise<Answer<T>> | Answer<T>, options: UntilOptions): Promise<T> {
  const limit = limitOf(options);
  try {
    for (;;) {
      const answer = await Promise.race([attempt(ask, limit.remember), limit.reached]);
      if (answer !== undefined && answer !== false) return answer;
      const pause = new Promise<void>((resolve) => setTimeout(resolve, options.everyMs ?? 50));
      await Promise.race([pause, limit.reached]);
    }
  } finally {
    limit.dispose();
  }
}

async function attempt<T>(ask: () => Promise<Answer<T>> | Answer<T>, remember: (error: unknown) => void) {
  try {
    return await ask();
  } catch (error) {
    remember(error);
    return undefined;
  }
}

/** Rejects when there is no more time, no more hope, or no more interest. */
function limitOf({ what, timeoutMs, signal, hopeless }: UntilOptions) {
  let last: unknown;
  let dispose = (): void => undefined;
  const reached = new Promise<never>((_, reject) => {
    const because = (): string => (last instanceof Error ? ` (${last.message})` : '');
    const late = (): void =>
      reject(new Error(`${what}: not within ${timeoutMs / 1000} s${because()}`, { cause: last }));
    const aborted = (): void => reject(signal?.reason as Error);
    const timer = setTimeout(late, timeoutMs);
    if (signal?.aborted) aborted();
    signal?.addEventListener('abort', aborted);
    void hopeless?.then((why) => reject(new Error(`${what}: ${why}`)));
    dispose = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
  });
  reached.catch(() => undefined);
  return { reached, remember: (error: unknown) => (last = error), dispose };
}
