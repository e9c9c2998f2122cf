/** A desk's state as one message: the server takes two megabytes, and a desk that has more could never begin a new run. */
import type { EnvironmentState, RunningHere } from '../../src/contract/environment-workflow.ts';

/** Characters of JSON; some may take two or three bytes. About six thousand who wait. */
const MOST = 1_500_000;

/**
 * Leases and restraints are kept whole. Of those who wait, the last ones are forgotten when there are too many: they ask again, and have the
 * place of the time at which they asked first. What runs here is only told, and goes first: the oldest of it.
 */
export function fitting(state: EnvironmentState, most = MOST): EnvironmentState {
  if (sizeOf(state) <= most) return state;
  const { turns, running } = state;
  const bare = { ...state, turns: { ...turns, queue: [] }, running: {} };
  const queue = asManyAsFit(turns.queue, most - sizeOf(bare));
  const newest = Object.entries(running).sort(([, a], [, b]) => b.since.localeCompare(a.since));
  const known = asManyAsFit<[string, RunningHere]>(newest, most - sizeOf({ ...bare, turns: { ...turns, queue } }));
  return { ...state, turns: { ...turns, queue }, running: Object.fromEntries(known) };
}

function asManyAsFit<One>(all: readonly One[], room: number): readonly One[] {
  let left = room;
  const end = all.findIndex((one) => {
    left -= sizeOf(one) + 1;
    return left < 0;
  });
  return end === -1 ? all : all.slice(0, end);
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
