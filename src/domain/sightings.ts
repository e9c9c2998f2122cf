/**
 * When an environment saw a signed answer first. Whoever signs writes the time of it, and an identity token ends within the hour: without a
 * memory of its own nobody could tell an answer of last week from one that was signed today with a time of last week.
 */

export interface Sighting {
  /** SHA-256 of the statement as it arrived. */
  readonly digest: string;
  /** ISO 8601, the environment's own clock. */
  readonly at: string;
  /** ISO 8601, as signed. */
  readonly expiresAt: string;
}

/** What an environment remembers for a service. */
export interface Sightings {
  readonly format: 1;
  readonly seen: readonly Sighting[];
}

/** 200 KiB: a ConfigMap holds a MiB. Whoever is forgotten too early is asked again. */
export const MOST_SEEN = 1_000;
/** Workers of one environment may have different clocks. */
const KEPT_AFTER_END_MS = 3_600_000;

/** Undefined: never, as far as anybody remembers. */
export function seenFirst(known: Sightings | undefined, digest: string): Date | undefined {
  const found = known?.seen.find((one) => one.digest === digest);
  return found === undefined ? undefined : new Date(found.at);
}

/** Adds it, and forgets what has ended and, of too many, what was seen first. Undefined: it is known, and the first time counts. */
export function withSighting(known: Sightings | undefined, one: Sighting, nowMs: number): Sightings | undefined {
  const { seen = [] } = known ?? {};
  if (seen.some(({ digest }) => digest === one.digest)) return undefined;
  const good = seen.filter(({ expiresAt }) => Date.parse(expiresAt) + KEPT_AFTER_END_MS > nowMs);
  return { format: 1, seen: [...good, one].slice(-MOST_SEEN) };
}
