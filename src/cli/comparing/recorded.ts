/** Files that were recorded before: objects, what may differ, how long runs took. Every problem of every file at once. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { formatProblem } from '../../config/config-error.ts';
import { parseDuration } from '../../config/duration.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import type { Ignored } from '../../comparison/ignored.ts';
import { readObjects, type WrittenObjects } from '../../comparison/lists.ts';
import { readIgnored } from '../../comparison/read-ignored.ts';
import type { Problem } from '../../domain/error-code.ts';
import type { ManifestObject } from '../../domain/manifest-object.ts';
import { median } from '../../figures/numbers.ts';

/** What was read, with what was wrong with it; a caller asks for everything first and throws once. */
export interface Read<Value> {
  readonly value: Value;
  readonly problems: readonly Problem[];
}

export async function recordedObjects(paths: readonly string[]): Promise<Read<readonly ManifestObject[]>> {
  const { files, problems } = await filesOf(paths);
  const read = readObjects(files);
  return { value: read.objects, problems: [...problems, ...read.problems] };
}

export async function mayDiffer(path: string | undefined): Promise<Read<readonly Ignored[]>> {
  const { files, problems } = await filesOf(path === undefined ? [] : [path]);
  const read = files.map((one) => readIgnored(one.path, one.text));
  return {
    value: read.flatMap(({ ignored }) => ignored),
    problems: [...problems, ...read.flatMap((one) => one.problems)],
  };
}

/** `iam: 12m`, or `iam: [12m, 14m]` of several runs, of which the median counts. By service, milliseconds. */
export async function recordedTimes(path: string | undefined): Promise<Read<ReadonlyMap<string, number>>> {
  const { files, problems } = await filesOf(path === undefined ? [] : [path]);
  const wrong: Problem[] = [...problems];
  const found = new Map<string, number>();
  for (const { path: where, text } of files) {
    const written = parsed(text);
    if (typeof written !== 'object' || written === null || Array.isArray(written)) {
      wrong.push({ where, message: 'expected a mapping such as "iam: 12m"', remedy: TIMES });
      continue;
    }
    for (const [service, said] of Object.entries(written)) {
      const times = (Array.isArray(said) ? (said as unknown[]) : [said]).map((one) => parseDuration(String(one)));
      const known = times.filter((one) => one !== undefined);
      const middle = median(known);
      if (middle !== undefined && known.length === times.length) found.set(service, middle);
      else
        wrong.push({ where: `${where}: ${service}`, message: `${JSON.stringify(said)} is no duration`, remedy: TIMES });
    }
  }
  return { value: found, problems: wrong };
}

const TIMES = 'write for each service how long its runs took: "iam: 12m", or of several "iam: [12m, 14m]"';

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Throws `input-invalid` with all of them, if there is one. */
export function assertNone(problems: readonly Problem[], remedy: string): void {
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), { problems, remedy });
}

async function filesOf(
  paths: readonly string[],
): Promise<{ readonly files: readonly WrittenObjects[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const files = await Promise.all(
    paths.map(async (path) => {
      try {
        return [{ path, text: await readFile(path, 'utf8') }];
      } catch (error) {
        const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        problems.push({ where: path, message: `cannot be read: ${why}`, remedy: 'name a file that is there' });
        return [];
      }
    }),
  );
  return { files: files.flat(), problems };
}
