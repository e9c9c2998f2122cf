import type { GateFacts, GateVerdict, HoursGate } from '../../domain/gate.ts';
import { wait, yes } from './verdict.ts';
import { type Occurrence, occurrencesNear } from './weekly-hours.ts';
import { sayTime } from './zoned-time.ts';

/** Opens only within its hours. Where clocks change, the narrower reading counts: closed when in doubt. */
export function judgeHours(rule: HoursGate, facts: GateFacts): GateVerdict {
  const at = Date.parse(facts.at);
  const occurrences = occurrencesNear(rule, at, 2, 15);
  const hours = `${rule.days.join(', ')} ${rule.from}–${rule.to} ${rule.zone}`;
  if (occurrences.some((one) => opensAt(one) <= at && at < closesAt(one))) return yes(rule, `within ${hours}`);
  const next = occurrences
    .filter((one) => opensAt(one) > at && opensAt(one) < closesAt(one))
    .map(opensAt)
    .toSorted((a, b) => a - b)[0];
  const when = next === undefined ? '' : `; opens ${sayTime(next, rule.zone)}`;
  return wait(rule, `outside ${hours}${when}`, next);
}

function opensAt({ start }: Occurrence): number {
  return start.latest;
}

function closesAt({ end }: Occurrence): number {
  return end.earliest;
}
