/** Where the time goes while something runs, since a machine has no more cores than it has. */
import type { Program } from '../local/tools/program.ts';
import { canMeasure, coresBetween, type Usage, usageOf } from './process-usage.ts';
import type { Rig } from './rig.ts';
import { median } from './statistics.ts';

/** Cores used while something ran. */
export interface Load {
  readonly server: number;
  readonly worker: number;
  readonly client: number;
}

export async function loadDuring(rig: Rig, worker: Program, work: () => Promise<unknown>): Promise<Load> {
  if (!canMeasure) {
    await work();
    return { server: NaN, worker: NaN, client: NaN };
  }
  const pids = [rig.temporal.pid, worker.pid, process.pid];
  const before = pids.map(usageOf);
  await work();
  const [server = NaN, own = NaN, client = NaN] = pids.map((pid, at) =>
    coresBetween(before[at] as Usage, usageOf(pid)),
  );
  return { server, worker: own, client };
}

export function loadOf(side: string, loads: readonly Load[]): Record<string, number> {
  const middle = (pick: (load: Load) => number) => Math.round(median(loads.map(pick)) * 100) / 100;
  return {
    [`${side}ServerCores`]: middle((load) => load.server),
    [`${side}WorkerCores`]: middle((load) => load.worker),
    [`${side}ClientCores`]: middle((load) => load.client),
  };
}
