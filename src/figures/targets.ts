/** Where a service's deployments count, unless somebody says: the end of the longest journey that it has made. Pure. */
import type { Run } from './runs.ts';

export function targetsIn(runs: readonly Run[]): ReadonlyMap<string, string> {
  const ofService = Map.groupBy(
    runs.filter((one) => !one.isRollback && one.outcome === 'released'),
    ({ service }) => service,
  );
  return new Map(
    [...ofService].flatMap(([service, own]) => {
      const end = endOf(own);
      return end === undefined ? [] : [[service, end] as const];
    }),
  );
}

/** Of journeys of the same length the newest counts: a path may have become another one. */
function endOf(runs: readonly Run[]): string | undefined {
  const journeys = [...Map.groupBy(runs, ({ version }) => version).values()].map((legs) => {
    const inOrder = legs.toSorted((a, b) => a.startedAt - b.startedAt);
    return { length: new Set(legs.map(({ environment }) => environment)).size, last: inOrder.at(-1) };
  });
  const [longest] = journeys.toSorted(
    (a, b) => b.length - a.length || (b.last?.startedAt ?? 0) - (a.last?.startedAt ?? 0),
  );
  return longest?.last?.environment;
}
