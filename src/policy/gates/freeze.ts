import type { FreezeGate, FreezeWindow, GateFacts, GateVerdict } from '../../domain/gate.ts';
import { frozenUntil } from './freeze-span.ts';
import { wait, yes } from './verdict.ts';
import { sayTime } from './zoned-time.ts';

/** Closed while a window covers the time, until every window that adjoins it is over too. */
export function judgeFreeze(rule: FreezeGate, facts: GateFacts): GateVerdict {
  if (rule.services !== undefined && !rule.services.includes(facts.service)) {
    return yes(rule, `concerns ${rule.services.join(', ')} only`);
  }
  const until = frozenUntil(rule.windows, Date.parse(facts.at));
  if (until === undefined) return yes(rule, 'no freeze window at this time');
  return wait(rule, `freeze window until ${sayTime(until, zoneOf(rule.windows))}`, until);
}

function zoneOf(windows: readonly FreezeWindow[]): string {
  return windows.find((window) => window.zone !== undefined)?.zone ?? 'UTC';
}
