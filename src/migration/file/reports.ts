/**
 * Reports that machines have left in a folder: what `sluice compare --json` and `sluice rehearse rollback --json` said. Every problem of
 * every file at once, for one that is not understood may be the one that says no.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Problem } from '../../domain/error-code.ts';
import type { Compared, Rehearsed } from '../facts.ts';

export type Of<Fact> = Fact & { readonly service: string };

export interface Reports<Fact> {
  readonly found: readonly Of<Fact>[];
  readonly problems: readonly Problem[];
}

const moment = z.iso.datetime({ offset: true });
const answered = z.object({ service: z.string(), answer: z.enum(['equal', 'different', 'missing', 'unknown']) });
/** As `sluice compare --json` says it; what it leaves open, folder and name of the file say. */
const comparison = z.object({
  environment: z.string().optional(),
  at: moment.optional(),
  services: z.array(answered),
});
const comparisonFile = z.union([comparison, z.array(answered)]);

const rehearsal = z.object({
  ...{ service: z.string(), environment: z.string(), at: moment, ok: z.boolean() },
  forReal: z.boolean().default(true),
});
const rehearsalFile = z.union([rehearsal, z.array(rehearsal)]);

export function readComparisons(folder: string): Reports<Compared> {
  return readAll(folder, (value, path) => {
    const parsed = comparisonFile.safeParse(value);
    if (!parsed.success) return 'is not what "sluice compare --json" says';
    const report = Array.isArray(parsed.data) ? { services: parsed.data } : parsed.data;
    const environment = ('environment' in report ? report.environment : undefined) ?? environmentOf(path, folder);
    const at = ('at' in report ? report.at : undefined) ?? momentIn(basename(path));
    if (environment === undefined || at === undefined)
      return 'nobody can tell of which environment and moment it is; name it <environment>/2026-12-01T03-15-00Z.json';
    return report.services.map(({ service, answer }) => ({ service, environment, answer, atMs: Date.parse(at) }));
  });
}

export function readRehearsals(folder: string): Reports<Rehearsed> {
  return readAll(folder, (value) => {
    const parsed = rehearsalFile.safeParse(value);
    if (!parsed.success) return 'is not what "sluice rehearse rollback --json" says';
    const reports = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
    return reports.map(({ at, ...rest }) => ({ ...rest, atMs: Date.parse(at) }));
  });
}

function environmentOf(path: string, folder: string): string | undefined {
  const [first = '', ...rest] = relative(folder, dirname(path)).split(/[\\/]/);
  return first === '' || rest.length > 0 ? undefined : first;
}

/** `2026-12-01T03-15-00Z.json`, `2026-12-01T03-15-00.250Z.json`: colons are no good in names of files. */
function momentIn(name: string): string | undefined {
  const [, day, hour, minute, rest] =
    /^(\d{4}-\d\d-\d\d)T(\d\d)[-:](\d\d)[-:](\d\d(?:\.\d{1,3})?Z)\.json$/.exec(name) ?? [];
  const text = `${day}T${hour}:${minute}:${rest}`;
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

const MAX_BYTES = 16_777_216;

/** A text says what is wrong. */
function readAll<Fact extends { readonly environment: string; readonly atMs: number }>(
  folder: string,
  read: (value: unknown, path: string) => readonly Of<Fact>[] | string,
): Reports<Fact> {
  const problems: Problem[] = [];
  const found = new Map<string, Of<Fact>>();
  for (const path of filesIn(folder)) {
    const facts = attempt(path, read);
    // the same report twice, under two names, is one
    if (typeof facts === 'string')
      problems.push({ where: path, message: facts, remedy: 'record it again, or take it out' });
    else for (const one of facts) found.set(JSON.stringify(one), one);
  }
  return { found: [...found.values()], problems };
}

function attempt<Fact>(
  path: string,
  read: (value: unknown, path: string) => readonly Of<Fact>[] | string,
): readonly Of<Fact>[] | string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) return `is too large: ${size} bytes`;
    return read(JSON.parse(readFileSync(path, 'utf8')), path);
  } catch (cause) {
    return `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** A folder that is not there holds nothing: the first report makes it. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => !one.isDirectory() && one.name.endsWith('.json'))
      .map((one) => join(one.parentPath, one.name))
      .toSorted();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
}
