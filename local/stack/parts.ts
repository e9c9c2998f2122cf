/** Things that were started and must be stopped in reverse, whatever happens in between. */

export interface Parts {
  /** Starts the next part unless stopping has begun, and keeps what ends it. */
  add<T>(name: string, start: () => Promise<T>, end: (part: T) => Promise<void>): Promise<T>;
  /** Ends all, last first; one that cannot be ended is told and does not keep the others. Twice is once. */
  stop(): Promise<void>;
}

export interface PartsOptions {
  readonly signal: AbortSignal;
  /** One line when a part is up, with how long it took. */
  readonly onUp: (name: string, ms: number) => void;
}

export function startedParts({ signal, onUp }: PartsOptions): Parts {
  const running: { readonly name: string; readonly end: () => Promise<void> }[] = [];
  const starting = new Set<Promise<unknown>>();
  let stopping: Promise<void> | undefined;

  async function startOne<T>(name: string, start: () => Promise<T>, end: (part: T) => Promise<void>): Promise<T> {
    signal.throwIfAborted();
    const began = performance.now();
    const part = await start();
    running.push({ name, end: () => end(part) });
    onUp(name, performance.now() - began);
    return part;
  }

  async function stopAll(): Promise<void> {
    // What is half started becomes whole first, so that there is something to end.
    await Promise.allSettled(starting);
    for (const { name, end } of running.splice(0).reverse()) {
      await end().catch((error: Error) => console.error(`stopping ${name}: ${error.message}`));
    }
  }

  return {
    add(name, start, end) {
      const promise = startOne(name, start, end);
      starting.add(promise);
      promise.then(
        () => starting.delete(promise),
        () => starting.delete(promise),
      );
      return promise;
    },
    stop: () => (stopping ??= stopAll()),
  };
}
