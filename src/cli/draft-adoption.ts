/** `sluice adopt --live`: the entry for sluice.yaml and the manifests of a service that has neither, from recorded objects. Asks nobody. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ReleaseEngineError } from '../client/index.ts';
import { type Draft, draftOf } from '../comparison/draft.ts';
import { readObjects } from '../comparison/lists.ts';
import { isNamedAfter } from '../comparison/own.ts';
import { formatProblem } from '../config/config-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type Terminal, tame } from './terminal.ts';

export interface DraftWish {
  readonly service: string;
  readonly environment: string;
  /** Recorded by kubectl. */
  readonly live: string;
  /** Where to write it; undefined: it is only shown. */
  readonly write?: string;
}

const ENTRY = 'sluice.entry.yaml';

/** Throws `input-invalid`, before anything is written: for a list that is wrong, and for files that are there. */
export async function draftAdoption(wish: DraftWish, terminal: Terminal): Promise<ExitCode> {
  const { service, environment, live, write } = wish;
  const { objects, problems } = readObjects([{ path: live, text: await textOf(live) }]);
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), { problems });
  const draft = draftOf({ service, environment, objects, isOwn: (one) => isNamedAfter(service, one) });
  if (draft === undefined) {
    throw new ReleaseEngineError('input-invalid', `${live} has no workload of ${service}`, {
      expected: `a Deployment, StatefulSet or DaemonSet named ${service}, or labelled app.kubernetes.io/name: ${service}`,
      remedy: `record its namespace: kubectl --namespace NAMESPACE get all,configmaps,ingresses -o json > ${live}`,
    });
  }
  const files = [
    { path: ENTRY, text: draft.entry },
    ...draft.files.map((one) => ({ ...one, path: join('manifests', one.path) })),
  ];
  if (write !== undefined) await writeAll(write, files);
  if (terminal.json)
    terminal.sayJson({
      ...draft,
      ...(write === undefined ? {} : { written: files.map(({ path }) => join(write, path)) }),
    });
  else terminal.say(tame(inWords(draft, files, wish)));
  return EXIT.ok;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ReleaseEngineError('input-invalid', `${path} cannot be read`, {
      remedy: 'name a file that is there',
      cause: error,
    });
  }
}

/** Nothing that is there is written over; then nothing is written at all. */
async function writeAll(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<void> {
  const there: string[] = [];
  for (const { path } of files) if (await isThere(join(folder, path))) there.push(join(folder, path));
  if (there.length > 0) {
    throw new ReleaseEngineError('input-invalid', `already there: ${there.join(', ')}`, {
      remedy: 'name another folder with --write, or remove them',
    });
  }
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function inWords(
  { entry, notes }: Draft,
  files: readonly { readonly path: string }[],
  { write, service, environment }: DraftWish,
): string {
  const where = write === undefined ? 'would be written with --write FOLDER:' : `written to ${write}:`;
  return [
    'for sluice.yaml:',
    entry.trimEnd(),
    '',
    where,
    ...files.map(({ path }) => `  ${path}`),
    '',
    'to look at:',
    ...notes.map((note) => `  ${note}`),
    '',
    `then restart the workers, and: sluice adopt ${service} --environment ${environment} --publish`,
  ].join('\n');
}
