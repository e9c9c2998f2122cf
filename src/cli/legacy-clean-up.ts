/** Reads the recorded lists, looks for what still refers to each thing, and has it judged. Changes nothing. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Problem } from '../domain/error-code.ts';
import { withContent } from '../legacy/image-content.ts';
import type { LegacyItem } from '../legacy/item.ts';
import { type CleanUp, judge, type Reference, type Rules } from '../legacy/judge.ts';
import { readLists } from '../legacy/lists.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { formatProblem } from '../config/config-error.ts';

export interface LookIn {
  /** Folder of the recorded lists. */
  readonly lists: string;
  /** Folders and files in which whatever is named is in use. */
  readonly lookIn: readonly string[];
  /** Lists whose files are older than this are refused: they say nothing about now. ISO 8601; undefined: any age. */
  readonly recordedSince?: string;
}

/** Never searched: what is there is derived, or the history of what was. */
const SKIPPED = new Set(['.git', 'node_modules']);

export async function planCleanUp(
  { lists, lookIn, recordedSince }: LookIn,
  rules: Rules,
  readerOf: (host: string) => Promise<RegistryReader | undefined>,
): Promise<CleanUp> {
  const home = resolve(lists);
  const written = await Promise.all(
    (await filesIn(home)).map(async (file) => ({
      path: relative(home, file).split(sep).join('/'),
      text: await readFile(file, 'utf8'),
      writtenAt: (await stat(file)).mtime,
    })),
  );
  const listed = readLists(written);
  const problems: Problem[] = [...listed.problems];
  if (written.length === 0)
    problems.push({ where: lists, message: 'has no lists', remedy: 'see "sluice legacy plan --help"' });
  for (const { path, writtenAt } of written)
    // of an account that is closed nobody lists blobs any more, and one that is not is refused for that
    if (recordedSince !== undefined && !path.startsWith('blobs/') && writtenAt < new Date(recordedSince)) {
      const message = `was written ${writtenAt.toISOString()}, and says nothing about what happened since`;
      problems.push({
        where: path,
        message,
        remedy: 'record it again just before the check, or allow more with --recorded-within',
      });
    }
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), {
      problems,
      remedy: 'Record the lists again; nothing was looked at yet.',
    });
  const files = (await Promise.all(lookIn.map((place) => filesIn(resolve(place))))).flat();
  const outside = [...new Set(files)].filter((file) => !file.startsWith(home + sep));
  if (outside.length === 0)
    throw new ReleaseEngineError('input-invalid', 'there is no file in which something could be referred to', {
      remedy: 'Name the folders of manifests, pipelines and recorded live objects with --look-in.',
    });
  const items = await contents(listed.items, readerOf);
  return judge(items, await referencesTo(items, outside), rules);
}

async function filesIn(place: string): Promise<string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw new ReleaseEngineError('input-invalid', `${place} cannot be read: ${error.code ?? error.message}`, {
      remedy: 'Name a folder or file that is there: what cannot be read may hold a reference.',
    });
  });
  if (entries === undefined) return [place];
  // a link counts as a file: one to a folder is refused when it is read
  const kept = entries.filter(
    (entry) => !SKIPPED.has(entry.name) && (entry.isDirectory() || entry.isFile() || entry.isSymbolicLink()),
  );
  const found = await Promise.all(
    kept.map(async (entry) => (entry.isDirectory() ? filesIn(join(place, entry.name)) : [join(place, entry.name)])),
  );
  return found.flat();
}

/** One file after the other, for they may be large; a name that is also part of another word counts, for staying is the safe mistake. */
async function referencesTo(items: readonly LegacyItem[], files: readonly string[]): Promise<Reference[][]> {
  const found: Reference[][] = items.map(() => []);
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new ReleaseEngineError('input-invalid', `${file} cannot be read: ${error.code ?? error.message}`, {
        remedy:
          'What cannot be read may hold a reference: name what a link to a folder points to, split a file that is too large.',
      });
    });
    for (const [index, { words }] of items.entries()) {
      const word = words.find((one) => text.includes(one));
      if (word !== undefined) found[index]!.push({ from: relative('.', file), word });
    }
  }
  return found;
}

async function contents(
  items: readonly LegacyItem[],
  readerOf: (host: string) => Promise<RegistryReader | undefined>,
): Promise<LegacyItem[]> {
  const readers = new Map<string, Promise<RegistryReader | undefined>>();
  const all: LegacyItem[] = [];
  for (const item of items) {
    if (item.kind !== 'image') {
      all.push(item);
      continue;
    }
    const host = item.name.slice(0, item.name.indexOf('/'));
    if (!readers.has(host)) readers.set(host, readerOf(host));
    all.push(await withContent(item, await readers.get(host)));
  }
  return all;
}
