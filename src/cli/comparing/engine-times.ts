/** How long Sluice's promotions into an environment took, by service: the median without what waits for people, gates and turns. */
import { withClient } from '../session.ts';

/** A few months: old promotions say little about how long one takes now. */
const SINCE_MS = 90 * 86_400_000;

export async function engineTimes(environment: string): Promise<ReadonlyMap<string, number>> {
  const now = Date.now();
  const [since, until] = [now - SINCE_MS, now].map((time) => new Date(time).toISOString()) as [string, string];
  return withClient((client) => client.times({ environment, since, until }));
}
