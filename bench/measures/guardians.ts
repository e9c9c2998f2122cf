/** A thousand guardians that find nothing: what they cost worker and server while they look round after round. */
import { until } from '../../local/tools/until.ts';
import { guardiansIn } from '../../src/client/guardians.ts';
import { burdenOver, coresFigure, memoryFigure } from '../burden.ts';
import type { Counts, Figure } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { complete } from '../journey/releases.ts';
import { canMeasure } from '../process-usage.ts';
import { progress } from '../progress.ts';
import type { Rig, WorkerSetting } from '../rig.ts';
import { timed } from '../timed.ts';

const PATH = ['production'];
const WAVE = 100;
/** A window of the measurement sees one guardian in so many: ten minutes where it takes half a minute. */
const WINDOWS = 20;

export async function measureGuardians(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  if (!canMeasure) return [];
  const everyMs = counts.idleMs * WINDOWS;
  const setting: WorkerSetting = {
    ...{ side: 'engine', path: PATH, approvals: [], locks: [], services: counts.guarded, slow: [], slowMs: 0 },
    ...{ heartbeatMs: 10_000, guardEveryMs: everyMs },
  };
  const worker = await rig.startWorker(setting);
  try {
    const idle = await burdenOver(rig, worker, counts.idleMs);
    await releaseAll(rig, counts.guarded);
    const looking = await burdenOver(rig, worker, counts.idleMs);
    const listedMs = await timed(() => guardiansIn(rig.engine));
    const named = (what: string) => ({
      measurement: 'guardians',
      figure: `${counts.guarded} guardians, a look every ${everyMs / 1_000} s: ${what}`,
    });
    return [
      coresFigure(named('worker above idle'), 'worker', looking, idle, 0.05),
      coresFigure(named('server above idle'), 'server', looking, idle),
      memoryFigure(named('worker’s memory above one that has just started'), looking, idle),
      { ...named('the list of all of them'), value: listedMs, unit: 'ms', from: { guardians: counts.guarded } },
    ];
  } finally {
    await worker.stop();
  }
}

/** Each release ends well, and so begins a guardian. */
async function releaseAll(rig: Rig, count: number): Promise<void> {
  const say = progress('guardians');
  for (let started = 0; started < count; started += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, count - started) }, (_, at) => started + at);
    await Promise.all(wave.map(async (index) => complete(rig.engine, await contentOf(PATH, index))));
    say(`${started + wave.length} of ${count} services released`);
  }
  const areThere = async () => (await guardiansIn(rig.engine)).length === count;
  await until(areThere, { what: `${count} guardians`, timeoutMs: 60_000 });
}
