/** Makes changes one after the other and stops at the first that fails: what follows may depend on it. */
import { carryOut, type Room } from '../project/write.ts';
import type { Change } from './differences.ts';

export interface Outcome {
  readonly done: readonly Change[];
  readonly failed?: { readonly change: Change; readonly error: Error };
  readonly left: readonly Change[];
}

/** Carries out the changes; `say` hears each before it starts. */
export async function apply(room: Room, changes: readonly Change[], say: (change: Change) => void): Promise<Outcome> {
  const done: Change[] = [];
  for (const change of changes) {
    say(change);
    try {
      await carryOut(room, change);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { done, failed: { change, error }, left: changes.slice(done.length + 1) };
    }
    done.push(change);
  }
  return { done, left: [] };
}
