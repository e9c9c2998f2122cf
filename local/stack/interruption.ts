/** When a long-running command has to end: Ctrl-C, a signal, or the process that started it is gone. */

/** Aborted by the first of them, with that as reason; further ones change nothing, stopping is already under way. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (why: string): void => controller.abort(new Interrupted(why));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupt(name));
  if (process.channel !== undefined) {
    process.on('disconnect', () => interrupt('the process that started this is gone'));
    process.channel?.unref();
  }
  return controller.signal;
}

export class Interrupted extends Error {
  constructor(why: string) {
    super(`interrupted: ${why}`);
    this.name = 'Interrupted';
  }
}

/** Resolves when the signal is aborted; keeps the process alive until then. */
export function aborted(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    const done = (): void => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
