/** Makes chosen activities wait for as long as a file exists, so that a measurement decides when they go on. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentActivities } from '../../src/contract/activities.ts';
import type { Setting } from './setting.ts';

type Activity = (request: never) => Promise<unknown>;

/** Seldom enough that a hundred of them cost nothing. */
const LOOK_MS = 250;

export function heldBack(activities: EnvironmentActivities, held: Setting['held']): EnvironmentActivities {
  if (held === undefined) return activities;
  const wrap = (name: string, act: Activity): Activity => {
    if (!held.steps.includes(name)) return act;
    return async (request) => {
      await untilGone(held.untilGone);
      return act(request);
    };
  };
  const entries = Object.entries(activities) as [string, Activity][];
  return Object.fromEntries(entries.map(([name, act]) => [name, wrap(name, act)])) as unknown as EnvironmentActivities;
}

export async function untilGone(file: string): Promise<void> {
  while (existsSync(file)) await sleep(LOOK_MS);
}
