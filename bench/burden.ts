/** What worker and server use while nothing happens, and figures made of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../local/tools/program.ts';
import type { Figure } from './figures.ts';
import { coresBetween, type Usage, usageOf } from './process-usage.ts';
import type { Rig } from './rig.ts';

export interface Burden {
  /** Cores. */
  readonly worker: number;
  readonly server: number;
  /** Of the worker. */
  readonly residentBytes: number;
}

const MB = 1024 * 1024;
const SETTLE_MS = 5_000;

/** Waits a little first, so that what just happened is over. */
export async function burdenOver(rig: Rig, worker: Program, forMs: number): Promise<Burden> {
  await sleep(SETTLE_MS);
  const before: readonly [Usage, Usage] = [usageOf(worker.pid), usageOf(rig.temporal.pid)];
  await sleep(forMs);
  const after: readonly [Usage, Usage] = [usageOf(worker.pid), usageOf(rig.temporal.pid)];
  return {
    worker: coresBetween(before[0], after[0]),
    server: coresBetween(before[1], after[1]),
    residentBytes: after[0].residentBytes,
  };
}

type Named = Pick<Figure, 'measurement' | 'figure'>;

export function memoryFigure(named: Named, more: Burden, less: Burden, atMost?: number): Figure {
  const inMB = (burden: Burden) => Math.round(burden.residentBytes / MB);
  return {
    ...named,
    value: (more.residentBytes - less.residentBytes) / MB,
    unit: 'MB',
    ...(atMost === undefined ? {} : { target: { atMost } }),
    from: { lessMB: inMB(less), moreMB: inMB(more) },
  };
}

export function coresFigure(
  named: Named,
  of: 'worker' | 'server',
  waiting: Burden,
  idle: Burden,
  atMost?: number,
): Figure {
  return {
    ...named,
    value: waiting[of] - idle[of],
    unit: 'cores',
    ...(atMost === undefined ? {} : { target: { atMost } }),
    from: { idleCores: round(idle[of]), waitingCores: round(waiting[of]) },
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
