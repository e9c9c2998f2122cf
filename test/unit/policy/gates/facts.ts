/** Facts of one promotion, to be changed where a test cares. */
import type { FreezeWindow, GateFacts, GateRule, GateVerdict, Weekday } from '../../../../src/domain/gate.ts';
import { judgeGates } from '../../../../src/policy/gates/index.ts';

export const DIGEST = `sha256:${'1'.repeat(64)}`;
export const OTHER = `sha256:${'2'.repeat(64)}`;

export function someFacts(changed: Partial<GateFacts> = {}): GateFacts {
  return {
    at: '2026-11-24T12:00:00Z',
    service: 'iam',
    version: '2026.11.3-ab12cd',
    digest: DIGEST,
    environment: 'production',
    requestedBy: 'ada',
    allowOlder: false,
    running: [],
    overrides: [],
    restraints: [],
    ...changed,
  };
}

export function verdictOf(rule: GateRule, changed: Partial<GateFacts> = {}): GateVerdict {
  const [verdict] = judgeGates([rule], someFacts(changed));
  if (verdict === undefined) throw new RangeError('no verdict');
  return verdict;
}

export function freezeOf(...windows: readonly FreezeWindow[]): GateRule {
  return { kind: 'freeze', name: 'freeze', windows };
}

export function weekly(days: readonly Weekday[], from: string, to: string, zone = 'Europe/Berlin'): FreezeWindow {
  return { form: 'weekly', zone, days, from, to };
}

export function dated(start: string, end: string, zone = 'Europe/Berlin'): FreezeWindow {
  return { form: 'dated', zone, start, end };
}

/** A calendar of these lines in one event each. */
export function calendarOf(...events: readonly (readonly string[])[]): string {
  const body = events.flatMap((lines, index) => ['BEGIN:VEVENT', `UID:${index}@test`, ...lines, 'END:VEVENT']);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...body, 'END:VCALENDAR', ''].join('\r\n');
}
