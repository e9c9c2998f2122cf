/** From a person's answer to what the promotion does next, one after the other. */
import type { Counts, Figure } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { activitiesOf, begin } from '../journey/releases.ts';
import type { Rig } from '../rig.ts';
import { percentile } from '../statistics.ts';
import { approve, PATH, promotionOf, untilAsked } from './question.ts';

export const WARM_UP = 5;

/** Milliseconds since the client sent the answer. */
interface Moved {
  readonly turnAskedMs: number;
  readonly importStartedMs: number;
}

/** From the call of the client; what happened then is read from the history once the promotion has ended. */
export async function measureLatency(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const moved: Moved[] = [];
  for (let index = 0; index < WARM_UP + counts.approvals; index += 1) {
    const id = promotionOf(index);
    await begin(rig.engine, await contentOf(PATH, index));
    const planDigest = await untilAsked(rig, id);
    const sentMs = performance.timeOrigin + performance.now();
    await approve(rig, id, planDigest);
    await rig.client.workflow.getHandle(id).result();
    if (index >= WARM_UP) moved.push(await movedAfter(rig, id, sentMs));
  }
  const figure = (what: string, pick: (one: Moved) => number, share: number, atMost: number): Figure => ({
    measurement: 'approvals',
    figure: `approval sent → ${what}, p${share * 100}`,
    value: percentile(moved.map(pick), share),
    unit: 'ms',
    target: { atMost },
    from: { samples: moved.length },
  });
  const next = 'next step started (approval verified, the environment is asked for its turn)';
  const first = 'first change started (import, after its turn came and it was let in)';
  return [
    figure(next, (one) => one.turnAskedMs, 0.5, 50),
    figure(next, (one) => one.turnAskedMs, 0.99, 100),
    figure(first, (one) => one.importStartedMs, 0.5, 50),
    figure(first, (one) => one.importStartedMs, 0.99, 100),
  ];
}

async function movedAfter(rig: Rig, id: string, sentMs: number): Promise<Moved> {
  const runs = await activitiesOf(rig.client, id);
  const started = (name: string) => runs.find((run) => run.name === name)?.startedMs;
  return {
    turnAskedMs: since(sentMs, `${id} asked for its turn`, started('requestLease')),
    importStartedMs: since(sentMs, `import of ${id}`, started('importImage')),
  };
}

/** Nothing that follows from an answer comes before it: what does was measured wrongly, and is no figure. */
function since(sentMs: number, what: string, atMs: number | undefined): number {
  if (atMs === undefined) throw new Error(`${what}: not in its history`);
  const ms = atMs - sentMs;
  if (ms < 0) throw new Error(`${what}: ${-ms} ms before the approval was sent, so this is another moment`);
  return ms;
}
