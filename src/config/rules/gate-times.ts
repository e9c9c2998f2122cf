/** Zones and times of gates: a window has to exist, and has to end. */
import { LONGEST_FREEZE, isZone, readTime, weeklyFreezeNeverEnds } from '../../policy/gates/index.ts';
import { weeklyWindows } from '../gate-days.ts';
import type { FreezeWindow } from '../../domain/gate.ts';
import { type PlacedGate, gatesOf } from './draft-gates.ts';
import { type Draft, type Finding, environmentNames } from './rule.ts';

export function zonesAreKnown(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path, kind }) => {
    const zone = gate.freeze?.zone ?? gate.hours?.zone;
    if (zone === undefined || isZone(zone)) return [];
    const remedy = 'write one of the IANA database, such as Europe/Berlin or America/New_York';
    return [{ path: [...path, kind, 'zone'], message: `there is no time zone "${zone}"`, remedy }];
  });
}

export function weeklyTimesAreWindows(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap((placed) => {
    const week = placed.gate.freeze ?? placed.gate.hours;
    const { from, to } = week ?? {};
    if (from === undefined || to === undefined) return [];
    const path = [...placed.path, placed.kind, 'from'];
    if (from === to)
      return [{ path, message: '"from" and "to" are the same', remedy: 'write when it begins and when it ends' }];
    return placed.kind === 'freeze' ? weeklyFreeze(placed, from, to) : [];
  });
}

function weeklyFreeze({ gate, path, kind }: PlacedGate, from: string, to: string): readonly Finding[] {
  const inside = [from, to].filter((clock) => clock.includes(' ')).length;
  if (inside !== 1 && (inside === 2) !== (gate.freeze?.days !== undefined)) return [];
  const remedy = 'write days: Mon-Fri, from: "16:00", to: "09:00"; or from: "Fri 16:00", to: "Mon 09:00"';
  return [{ path: [...path, kind, 'from'], message: 'days stand either in "days" or in both "from" and "to"', remedy }];
}

/** Each of them ends, but together they may leave no moment in which a service can enter. */
export function weeklyFreezesLeaveAPause(draft: Draft): readonly Finding[] {
  if (weeklyTimesAreWindows(draft).length > 0) return [];
  const services = Object.keys(draft.services ?? {});
  return environmentNames(draft).flatMap((environment) => {
    const freezes = gatesOf(draft).filter((gate) => gate.environment === environment && gate.kind === 'freeze');
    const closed = services.filter((service) => {
      const concerned = freezes.filter(({ gate }) => concerns(gate, service, draft));
      return weeklyFreezeNeverEnds(concerned.flatMap(windowsOf));
    });
    if (closed.length === 0) return [];
    const message = `the weekly freezes of "${environment}" never end for ${closed.join(', ')}`;
    return [{ path: ['environments', environment, 'gates'], message, remedy: 'leave a pause in the week' }];
  });
}

function concerns({ freeze }: PlacedGate['gate'], service: string, { serviceGroups = {} }: Draft): boolean {
  const named = freeze?.services;
  if (named === undefined || named.includes(service)) return true;
  return named.some(
    (one) => one !== undefined && Object.hasOwn(serviceGroups, one) && serviceGroups[one]?.includes(service),
  );
}

function windowsOf({ gate }: PlacedGate): readonly FreezeWindow[] {
  const { zone, days, from, to } = gate.freeze ?? {};
  if (zone === undefined || !isZone(zone) || from === undefined || to === undefined) return [];
  return weeklyWindows({ zone, days, from, to });
}

export function datedFreezesEnd(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path }) => {
    const { zone, start, end } = gate.freeze ?? {};
    if (zone === undefined || !isZone(zone) || start === undefined || end === undefined) return [];
    const first = readTime(start, zone);
    const last = readTime(end, zone);
    const at = [...path, 'freeze'];
    if (first === undefined) return [{ path: [...at, 'start'], message: `there is no time "${start}"` }];
    if (last === undefined) return [{ path: [...at, 'end'], message: `there is no time "${end}"` }];
    if (last.latest <= first.earliest) {
      return [{ path: [...at, 'end'], message: 'it ends before it starts', remedy: 'write an "end" after "start"' }];
    }
    if (last.latest - first.earliest <= LONGEST_FREEZE) return [];
    const message = 'it lasts for more than 366 days';
    return [{ path: [...at, 'end'], message, remedy: 'a freeze ends; remove the environment from the path instead' }];
  });
}
