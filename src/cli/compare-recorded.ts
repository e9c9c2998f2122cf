/** Reads what was recorded of both sides, and has it compared service by service. Changes nothing, and asks nobody. */
import { readFile } from 'node:fs/promises';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { compareService, type ServiceAnswer, sideOf, unusedOf } from '../comparison/compare.ts';
import type { Ignored } from '../comparison/ignored.ts';
import { readObjects, type WrittenObjects } from '../comparison/lists.ts';
import { readIgnored } from '../comparison/read-ignored.ts';
import type { Problem } from '../domain/error-code.ts';
import { formatProblem } from '../config/config-error.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { namespaceOf, type ServiceRules } from '../domain/rulebook.ts';

export interface Recorded {
  readonly legacy: readonly string[];
  readonly sluice: readonly string[];
  readonly ignore?: string;
  /** Where legacy has all of its services; undefined: in the namespaces in which Sluice has them. */
  readonly legacyNamespace?: string;
}

export interface Comparison {
  readonly environment: string;
  readonly services: readonly ServiceAnswer[];
  /** What of `--ignore` has covered nothing. */
  readonly unused: readonly Ignored[];
}

/** Throws `input-invalid` with every problem of every file. */
export async function compareRecorded(
  recorded: Recorded,
  services: readonly ServiceRules[],
  environment: string,
): Promise<Comparison> {
  const [legacy, sluice, ignored] = await Promise.all([
    filesOf(recorded.legacy),
    filesOf(recorded.sluice),
    filesOf(recorded.ignore === undefined ? [] : [recorded.ignore]),
  ]);
  const [before, after] = [readObjects(legacy.files), readObjects(sluice.files)];
  const minded = ignored.files.map(({ path, text }) => readIgnored(path, text));
  const namespaces = services.map((one) => namespaceOf(one, environment));
  const unread = [
    ...[legacy, sluice, ignored].flatMap((one) => one.problems),
    ...before.problems,
    ...after.problems,
    ...minded.flatMap((one) => one.problems),
  ];
  const oldNamespaces = recorded.legacyNamespace === undefined ? namespaces : [recorded.legacyNamespace];
  // of what could not be read nobody knows where it is from
  const problems =
    unread.length > 0
      ? unread
      : [
          ...foreignList(recorded.legacy, before.objects, oldNamespaces),
          ...foreignList(recorded.sluice, after.objects, namespaces),
        ];
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), {
      problems,
      remedy: 'Record the lists again; nothing was compared.',
    });
  const [old, now] = [sideOf(before.objects), sideOf(after.objects)];
  const mayDiffer = minded.flatMap((each) => each.ignored);
  const answers = services.map((one, at) => {
    const namespace = namespaceOf(one, environment);
    const legacyNamespace = recorded.legacyNamespace ?? namespace;
    const sharesNamespace =
      services.length > 1 &&
      (recorded.legacyNamespace !== undefined ||
        namespaces.some((place, other) => other !== at && place === namespace));
    const compared = { service: one.name, legacyNamespace, namespace, workloads: one.workloads, sharesNamespace };
    return compareService(compared, old, now, mayDiffer);
  });
  return { environment, services: answers, unused: unusedOf(mayDiffer, answers) };
}

/** A list of another namespace would have everything missing: that is a mistake, and no answer. */
function foreignList(
  files: readonly string[],
  objects: readonly ManifestObject[],
  namespaces: readonly string[],
): readonly Problem[] {
  const there = [...new Set(objects.map(({ metadata }) => metadata.namespace ?? 'no namespace'))];
  if (there.some((one) => namespaces.includes(one)) || namespaces.length === 0) return [];
  const wanted = [...new Set(namespaces)].join(', ');
  const message = `has nothing in ${wanted}; it has objects of ${there.join(', ') || 'no namespace at all'}`;
  return [
    {
      where: files.join(', '),
      message,
      remedy: 'record those namespaces, or name the old one with --legacy-namespace',
    },
  ];
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
