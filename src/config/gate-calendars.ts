/** The calendars that freeze windows name, read and looked at before anybody relies on them. */
import { resolve } from 'node:path';
import { calendarProblems, isZone } from '../policy/gates/index.ts';
import type { Calendars } from './normalise-gates.ts';
import { gatesOf } from './rules/draft-gates.ts';
import type { Draft, Finding } from './rules/rule.ts';
import type { ReadText } from './reading.ts';

const MAX_CHARACTERS = 1_048_576;
const MOST_PROBLEMS = 5;

export interface CalendarFiles {
  readonly calendars: Calendars;
  readonly findings: readonly Finding[];
}

export function readCalendars(draft: Draft, folder: string, readText: ReadText): CalendarFiles {
  const calendars: Record<string, string> = {};
  const findings: Finding[] = [];
  for (const { path, gate } of gatesOf(draft)) {
    const name = gate.freeze?.calendar;
    if (name === undefined) continue;
    const zone = gate.freeze?.zone;
    const file = resolve(folder, name);
    const read = readBounded(file, readText);
    const problems = read.ok
      ? calendarProblems(read.text, zone !== undefined && isZone(zone) ? zone : undefined)
      : [read.why];
    if (read.ok) calendars[name] = read.text;
    for (const problem of problems.slice(0, MOST_PROBLEMS)) {
      findings.push({
        path: [...path, 'freeze', 'calendar'],
        message: `cannot use ${file}: ${problem}`,
        remedy: 'docs/gates.md says which calendars can be read',
      });
    }
  }
  return { calendars, findings };
}

type Read = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

function readBounded(file: string, readText: ReadText): Read {
  try {
    const text = readText(file);
    return text.length > MAX_CHARACTERS ? { ok: false, why: 'it is longer than 1 MiB' } : { ok: true, text };
  } catch (cause) {
    if (!(cause instanceof Error)) return { ok: false, why: String(cause) };
    return { ok: false, why: 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message };
  }
}
