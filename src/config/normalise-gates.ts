/** Written gates → rules: names given, durations in milliseconds, days spelt out, calendars in place. */
import type { FreezeWindow, GateRule, OverrideRule } from '../domain/gate.ts';
import { parseDuration } from './duration.ts';
import { daysOf, weeklyWindows } from './gate-days.ts';
import { gateNames } from './gate-names.ts';
import { type ServiceGroups, servicesNamed } from './service-groups.ts';
import type { WrittenFreeze, WrittenGate } from './written-gates.ts';

/** Text of each calendar by the name under which the configuration mentions it. */
export type Calendars = Readonly<Record<string, string>>;

/** What gates refer to elsewhere. */
export interface GateSources {
  readonly calendars: Calendars;
  readonly serviceGroups?: ServiceGroups | undefined;
}

export function gateRules(written: readonly WrittenGate[], sources: GateSources): readonly GateRule[] {
  const names = namesOf(written);
  return written.map((gate, index) => gateRule(gate, names[index] ?? kindOf(gate), sources));
}

export function namesOf(written: readonly WrittenGate[]): readonly string[] {
  return gateNames(written.map((gate) => [kindOf(gate), Object.values(gate)[0]?.name]));
}

function kindOf(gate: WrittenGate): string {
  return Object.keys(gate)[0] ?? '';
}

function gateRule(gate: WrittenGate, name: string, { calendars, serviceGroups = {} }: GateSources): GateRule {
  if ('soak' in gate) {
    const { soak } = gate;
    return { kind: 'soak', ...named(name, soak), in: soak.in, forMs: parseDuration(soak.for) ?? 0 };
  }
  if ('freeze' in gate) {
    const { freeze } = gate;
    const services = freeze.services === undefined ? {} : { services: servicesNamed(freeze.services, serviceGroups) };
    return { kind: 'freeze', ...named(name, freeze), windows: windowsOf(freeze, calendars), ...services };
  }
  if ('hours' in gate) {
    const { hours } = gate;
    const { zone, from, to } = hours;
    return { kind: 'hours', ...named(name, hours), zone, days: daysOf(hours.days), from, to };
  }
  if ('ticket' in gate) return { kind: 'ticket', ...named(name, gate.ticket), pattern: gate.ticket.pattern };
  if ('expression' in gate) {
    const { cel, because } = gate.expression;
    return { kind: 'expression', ...named(name, gate.expression), expression: cel, because };
  }
  if ('external' in gate) return { kind: 'external', ...named(name, gate.external), url: gate.external.url };
  return { kind: 'order', ...named(name, gate.order) };
}

function windowsOf(freeze: WrittenFreeze, calendars: Calendars): readonly FreezeWindow[] {
  if ('calendar' in freeze) {
    const { calendar: file, zone } = freeze;
    return [{ form: 'calendar', file, ics: calendars[file] ?? '', ...(zone === undefined ? {} : { zone }) }];
  }
  if ('start' in freeze) return [{ form: 'dated', zone: freeze.zone, start: freeze.start, end: freeze.end }];
  return weeklyWindows(freeze);
}

function named(
  name: string,
  { override }: { readonly override?: readonly string[] | undefined },
): { readonly name: string; readonly override?: OverrideRule } {
  return { name, ...(override === undefined ? {} : { override: { from: override } }) };
}
