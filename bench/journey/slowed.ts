/** Makes chosen activities take a while before they act, as a registry or a cluster would. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentActivities } from '../../src/contract/activities.ts';

type Activity = (request: { readonly at?: string }) => Promise<unknown>;

/** `slow` names an activity, or with `:at` only its calls for that place. */
export function slowed(
  activities: EnvironmentActivities,
  slow: readonly string[],
  slowMs: number,
): EnvironmentActivities {
  const wrap = (name: string, act: Activity): Activity => {
    if (slowMs <= 0 || !slow.some((one) => one === name || one.startsWith(`${name}:`))) return act;
    return async (request) => {
      const place = request.at === undefined ? name : `${name}:${request.at}`;
      if (slow.includes(name) || slow.includes(place)) await sleep(slowMs);
      return act(request);
    };
  };
  const entries = Object.entries(activities) as [string, Activity][];
  return Object.fromEntries(entries.map(([name, act]) => [name, wrap(name, act)])) as unknown as EnvironmentActivities;
}
