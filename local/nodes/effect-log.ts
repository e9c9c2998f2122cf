/** What the nodes did to the world, one JSON line each, for tests that compare a disturbed run with an undisturbed one. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export type Effect =
  | 'node-registered'
  | 'image-pulled'
  | 'image-refused'
  | 'container-started'
  | 'container-ended'
  | 'pod-removed'
  | 'address-given';

export interface EffectLog {
  write(effect: Effect, facts: Readonly<Record<string, unknown>>): void;
}

/** Appends to `path`, synchronously so that a killed process has written what it did; undefined: nothing is written. */
export function effectLog(path: string | undefined, node: string): EffectLog {
  if (path === undefined) return { write: () => undefined };
  mkdirSync(dirname(path), { recursive: true });
  return {
    write(effect, facts) {
      appendFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), node, effect, ...facts })}\n`);
    },
  };
}
