/**
 * Rules that fire after hours, tried at once: promtool evaluates them over samples of real workers that are drawn out in time. The first hour is
 * as it was while all was well; from then on it is as it was in the condition, and what grew between two looks at it goes on growing.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Sample } from './observed-stack.ts';

export interface Scrape {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

export interface Course {
  /** While all was well. */
  readonly well: Scrape;
  /** Two looks at the condition. */
  readonly ill: readonly [Scrape, Scrape];
}

const WELL_MINUTES = 60;
/** When it is asked whether the rule fires: minutes after the condition began. */
const LOOKS = [5, 20, 60, 3 * 60, 5 * 24 * 60] as const;

/** Whether the rule was silent while all was well, and whether it fires at any time in the condition. */
export function firing(
  alert: string,
  { rules, promtool, minutes }: { readonly rules: string; readonly promtool: string; readonly minutes: number },
  course: Course,
): { readonly silentBefore: boolean; readonly fires: boolean } {
  const before = holds({ rules, promtool, course, alert, at: WELL_MINUTES - 2, minutes, fires: false });
  const fires = LOOKS.filter((look) => look <= minutes).some((look) =>
    holds({ rules, promtool, course, alert, at: WELL_MINUTES + look, minutes, fires: true }),
  );
  return { silentBefore: before, fires };
}

interface Asked {
  readonly rules: string;
  readonly promtool: string;
  readonly course: Course;
  readonly alert: string;
  readonly at: number;
  readonly minutes: number;
  readonly fires: boolean;
}

function holds({ rules, promtool, course, alert, at, minutes, fires }: Asked): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rules-'));
  try {
    const file = join(folder, 'test.yml');
    const is = `ALERTS{alertname="${alert}", alertstate="firing"}`;
    const expr = fires ? `count(${is}) > bool 0` : `absent(${is}) * 0`;
    const test = {
      interval: '1m',
      input_series: seriesOf(course, minutes),
      promql_expr_test: [
        { expr, eval_time: `${at}m`, exp_samples: [{ labels: labelsOf(fires, alert), value: fires ? 1 : 0 }] },
      ],
    };
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests: [test] }));
    execFileSync(promtool, ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe' });
    return true;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    if (/FAILED/.test(stdout + stderr) && !/parse|unmarshal/.test(stdout + stderr)) return false;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `absent` answers with the labels that it was asked for. */
function labelsOf(fires: boolean, alert: string): string {
  return fires ? '{}' : `{alertname="${alert}", alertstate="firing"}`;
}

/** Only what rules ask for: a worker has thousands of series. */
function seriesOf({ well, ill: [first, second] }: Course, minutes: number): readonly object[] {
  const known = new Map<string, { well?: number; first?: number; second?: number; name: string }>();
  const note = (scrape: Scrape, as: 'well' | 'first' | 'second'): void => {
    for (const { name, labels, value } of scrape.samples) {
      if (!/^(?:sluice_.*(?:_total|_open|_oldest_seconds|_read_seconds|_expires_seconds)|up)$/.test(name)) continue;
      const key = `${name}{${Object.entries(labels)
        .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
        .join(',')}}`;
      known.set(key, { ...known.get(key), name, [as]: value });
    }
  };
  note(well, 'well');
  note(first, 'first');
  note(second, 'second');
  return [...known].map(([series, seen]) => ({ series, values: valuesOf(seen, [well, first, second], minutes) }));
}

function valuesOf(
  seen: { well?: number; first?: number; second?: number; name: string },
  [well, first, second]: readonly [Scrape, Scrape, Scrape],
  minutes: number,
): string {
  const { name } = seen;
  // moments in seconds since 1970: the test's clock begins an hour before the condition
  const moved = (value: number, scrape: Scrape): number => value - scrape.atMs / 1_000 + WELL_MINUTES * 60;
  const isMoment = /_(?:read|expires)_seconds$/.test(name);
  const a = seen.first ?? seen.second;
  const b = seen.second ?? seen.first;
  const before =
    seen.well === undefined
      ? `_x${WELL_MINUTES - 1}`
      : name.endsWith('_read_seconds')
        ? `0+60x${WELL_MINUTES - 1}`
        : `${isMoment ? moved(seen.well, well) : seen.well}+0x${WELL_MINUTES - 1}`;
  if (a === undefined || b === undefined) return before;
  const start = isMoment ? moved(a, first) : a;
  const isOpen = b > 0;
  const grows = name.endsWith('_oldest_seconds')
    ? isOpen
      ? 60
      : 0
    : name.endsWith('_read_seconds')
      ? ((b - a) / Math.max(1, (second.atMs - first.atMs) / 1_000)) * 60
      : name.endsWith('_total')
        ? b - a
        : 0;
  return `${before} ${start}${grows < 0 ? '' : '+'}${grows}x${minutes + 5}`;
}
