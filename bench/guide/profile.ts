/** Where a promotion's time went: each activity by the server's clock, and the rest, which is the engine's own. */
import type { Figure } from '../figures.ts';
import type { ActivityRun } from '../journey/releases.ts';
import { median, sum } from '../statistics.ts';

/** `runs`: the activities of one promotion each; `totalMs`: how long each of them took for whoever asked for it. */
export function profileOf(
  measurement: string,
  runs: readonly (readonly ActivityRun[])[],
  totalMs: readonly number[],
): Figure {
  const names = [...new Set(runs.flat().map(({ name }) => name))];
  const perName = names.map((name) => [name, Math.round(median(runs.map((one) => tookBy(one, name))))] as const);
  const slowestFirst = perName.filter(([, ms]) => ms > 0).toSorted(([, a], [, b]) => b - a);
  const between = runs.map((one, at) => (totalMs[at] ?? 0) - sum(names.map((name) => tookBy(one, name))));
  return {
    measurement,
    figure: 'the engine’s part of that outside its activities (their own medians: on the right, in milliseconds)',
    value: Math.round(median(between)),
    unit: 'ms',
    from: Object.fromEntries(slowestFirst),
  };
}

/** Milliseconds from asked for to answered: the wait for a worker is part of it. */
export function tookBy(runs: readonly ActivityRun[], name: string): number {
  return sum(runs.filter((run) => run.name === name).map((run) => (run.completedMs ?? 0) - run.scheduledMs));
}
