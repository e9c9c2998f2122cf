/** Since when, and how often, each bad sign has been seen. Our own clock only: the cluster's may differ. */
import type { Symptom } from './pod-symptoms.ts';

export interface Sighting {
  readonly sinceMs: number;
  readonly attempts: number;
  readonly mark: string;
}

export type Sightings = ReadonlyMap<string, Sighting>;

/** The sightings after another look; what is no longer seen is forgotten. */
export function look(
  symptoms: readonly { readonly key: string; readonly mark: string }[],
  before: Sightings,
  nowMs: number,
): Sightings {
  return new Map(
    symptoms.map(({ key, mark }) => {
      const known = before.get(key);
      if (known === undefined) return [key, { sinceMs: nowMs, attempts: 1, mark }];
      return [key, { ...known, mark, attempts: known.attempts + (known.mark === mark ? 0 : 1) }];
    }),
  );
}

export function isRipe(symptom: Symptom, sightings: Sightings, nowMs: number): boolean {
  const seen = sightings.get(symptom.key);
  if (seen === undefined) return false;
  return nowMs >= seen.sinceMs + symptom.ripeAfterMs || seen.attempts >= (symptom.orAttempts ?? Infinity);
}

/** When waiting alone would make the symptom ripe. */
export function ripensAt(symptom: Symptom, sightings: Sightings): number | undefined {
  const seen = sightings.get(symptom.key);
  return seen === undefined ? undefined : seen.sinceMs + symptom.ripeAfterMs;
}
