/** What a thousand waiting releases cost worker and server. */
import type { Program } from '../../local/tools/program.ts';
import { type Burden, burdenOver, coresFigure, memoryFigure } from '../burden.ts';
import type { Counts, Figure } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { begin } from '../journey/releases.ts';
import { canMeasure } from '../process-usage.ts';
import type { Rig } from '../rig.ts';
import { WARM_UP } from './latency.ts';
import { PATH, promotionOf, untilAsked } from './question.ts';

/** Indices of the services that wait: behind those that the latencies were measured with. */
export function waitingOnes(counts: Counts): readonly number[] {
  return Array.from({ length: counts.waiting }, (_, at) => WARM_UP + counts.approvals + at);
}

export interface Waited {
  readonly figures: readonly Figure[];
  readonly full: Burden;
}

export async function measureWaiting(rig: Rig, counts: Counts, worker: Program): Promise<Waited | undefined> {
  const idle = canMeasure ? await burdenOver(rig, worker, counts.idleMs) : undefined;
  const indices = waitingOnes(counts);
  await Promise.all(indices.map(async (index) => begin(rig.engine, await contentOf(PATH, index))));
  for (const index of indices) await untilAsked(rig, promotionOf(index));
  if (idle === undefined) return undefined;
  const full = await burdenOver(rig, worker, counts.idleMs);
  const named = (what: string) => ({ measurement: 'approvals', figure: `${counts.waiting} releases waiting: ${what}` });
  const figures = [
    coresFigure(named('worker above idle'), 'worker', full, idle, 0.01),
    coresFigure(named('server above idle'), 'server', full, idle),
    memoryFigure(named('worker’s memory above a worker that has just started'), full, idle, 50),
  ];
  return { figures, full };
}

/** What is left when they are gone is the price of having started a thousand at once, not of their waiting. */
export async function measureGone(rig: Rig, counts: Counts, worker: Program, full: Burden): Promise<readonly Figure[]> {
  const gone = await burdenOver(rig, worker, counts.idleMs);
  const figure = `${counts.waiting} releases waiting: worker’s memory above the same worker when they are gone`;
  return [memoryFigure({ measurement: 'approvals', figure }, full, gone)];
}
