/**
 * Guardians look when something is changed, without waiting for their moment: whoever serves an environment watches what runs there and
 * calls the guardian of the service concerned. What a watch misses, the guardian's own rounds find.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@temporalio/worker';
import { namespaceOf, type Rulebook } from '../domain/rulebook.ts';
import type { ClusterWatch, WatchListener } from '../ports/cluster-watch.ts';
import { PortError } from '../ports/port-error.ts';
import { CALL_TIMING, type CallTiming, createCalls } from './calls.ts';

export interface Watched {
  readonly environment: string;
  readonly rulebook: Rulebook;
  readonly watch: ClusterWatch;
  /** Has the guardian of a service look now; false: it was not heard. */
  readonly call: (service: string) => Promise<boolean>;
  readonly logger: Logger;
  readonly timing?: CallTiming;
}

/** Workloads of a namespace, with the services whose guardians look at them. */
type Grounds = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const BACK_OFF_MS = [1_000, 5_000, 30_000, 60_000, 5 * 60_000];

/** Until `signal` is aborted. Whatever keeps it from watching is logged and tried again, and never rejects. */
export async function watchEnvironment(
  { environment, rulebook, watch, call, logger, timing = CALL_TIMING }: Watched,
  signal: AbortSignal,
): Promise<void> {
  const calls = createCalls(call, timing);
  signal.addEventListener('abort', () => calls.close(), { once: true });
  const follows = [...groundsOf(rulebook, environment)].map(([namespace, services]) => {
    const changed = (workload: string): void => services.get(workload)?.forEach((one) => calls.changed(one));
    const follow = (listener: Omit<WatchListener, 'changed'>): Promise<void> =>
      watch.follow({ namespace, workloads: [...services.keys()] }, { ...listener, changed }, signal);
    return keepFollowing(follow, { environment, namespace }, logger, signal);
  });
  await Promise.all(follows);
}

/** Empty where nobody guards. */
function groundsOf({ guardians = {}, services }: Rulebook, environment: string): Grounds {
  const grounds = new Map<string, Map<string, string[]>>();
  if (!Object.hasOwn(guardians, environment)) return grounds;
  for (const service of Object.values(services)) {
    if (!service.path.includes(environment)) continue;
    const namespace = namespaceOf(service, environment);
    const ground = grounds.get(namespace) ?? new Map<string, string[]>();
    grounds.set(namespace, ground);
    for (const one of service.workloads) ground.set(one, [...(ground.get(one) ?? []), service.name]);
  }
  return grounds;
}

async function keepFollowing(
  follow: (listener: Omit<WatchListener, 'changed'>) => Promise<void>,
  { environment, namespace }: { readonly environment: string; readonly namespace: string },
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const rounds = 'until then guardians there look at their rounds only';
  const warn = (message: string, error: unknown): void => {
    const code = error instanceof PortError ? error.code : 'internal';
    logger.warn(`namespace ${namespace}: ${message}; ${rounds}`, { environment, code, error });
  };
  const listener = {
    lost: (error: PortError) => warn('a watch is lost, and is taken up again', error),
    found: () => logger.info(`namespace ${namespace}: the watch that was lost goes on`, { environment }),
  };
  let failures = 0;
  while (!signal.aborted) {
    const began = Date.now();
    try {
      await follow(listener);
    } catch (error) {
      if (signal.aborted) return;
      const again = BACK_OFF_MS.at(-1) ?? 0;
      failures = Date.now() - began > again ? 1 : failures + 1;
      const ms = BACK_OFF_MS[failures - 1] ?? again;
      warn(`cannot be watched, tries again in ${ms / 1_000} s`, error);
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    }
  }
}
