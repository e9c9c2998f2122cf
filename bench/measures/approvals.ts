/** People's answers: how soon the next step starts, what a thousand waiting releases cost, and all of them answered at once. */
import { measureLatency, WARM_UP } from '../approvals/latency.ts';
import { PATH, WAITING_IN } from '../approvals/question.ts';
import { approveTogether } from '../approvals/together.ts';
import { measureGone, measureWaiting } from '../approvals/waiting.ts';
import type { Counts, Figure } from '../figures.ts';
import type { Rig, WorkerSetting } from '../rig.ts';

export async function measureApprovals(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const setting: WorkerSetting = {
    side: 'engine',
    path: PATH,
    approvals: [WAITING_IN],
    locks: [],
    services: WARM_UP + counts.approvals + counts.waiting,
    slow: [],
    slowMs: 0,
    heartbeatMs: 10_000,
  };
  const engine = await rig.startWorker(setting);
  const floor = await rig.startWorker({ ...setting, side: 'floor' });
  try {
    const latency = await measureLatency(rig, counts);
    const waiting = await measureWaiting(rig, counts, engine);
    const together = await approveTogether(rig, counts, { engine, floor });
    const gone = waiting === undefined ? [] : await measureGone(rig, counts, engine, waiting.full);
    return [...latency, ...(waiting?.figures ?? []), ...gone, ...together];
  } finally {
    await Promise.all([engine.stop(), floor.stop()]);
  }
}
