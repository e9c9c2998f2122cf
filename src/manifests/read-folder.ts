/** Reading `manifests/<service>/` from a checkout, as kubectl would: `.yaml`, `.yml` and `.json`, nothing hidden. */
import { lstat, readFile, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Problem } from '../domain/error-code.ts';
import { LIMITS, type ManifestFile, ManifestsError, problemsOfFiles } from './manifest-file.ts';

const MANIFEST = /\.(?:ya?ml|json)$/;

interface Walk {
  readonly root: string;
  readonly files: ManifestFile[];
  readonly problems: Problem[];
  /** Entries looked at, so that a wrong folder (a home directory) ends soon. */
  seen: number;
}

const MOST_ENTRIES = 4 * LIMITS.files;

/**
 * All manifests below `folder`, sorted by path. Links are followed to files inside the folder only.
 * Throws {@link ManifestsError}: `manifests-missing` when there is no such folder or no manifest in it,
 * `manifests-invalid` with every problem found.
 */
export async function readFolder(folder: string): Promise<readonly ManifestFile[]> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined || !(await lstat(root)).isDirectory()) {
    throw missing(folder, 'there is no such folder', 'create it, or correct "manifests" of the service in sluice.yaml');
  }
  const walk: Walk = { root, files: [], problems: [], seen: 0 };
  await visit(walk, root, 0);
  const problems = [...walk.problems, ...problemsOfFiles(walk.files)];
  if (problems.length > 0) throw new ManifestsError('manifests-invalid', problems);
  if (walk.files.length === 0) {
    throw missing(
      folder,
      'no .yaml, .yml or .json file in it',
      'add a folder for each environment, with its manifests',
    );
  }
  return walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function visit(walk: Walk, folder: string, depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (++walk.seen > MOST_ENTRIES) throw tooMany(walk.root);
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await descend(walk, path, depth + 1);
    else if (MANIFEST.test(entry.name)) await take(walk, path);
  }
}

async function descend(walk: Walk, path: string, depth: number): Promise<void> {
  if (depth > LIMITS.depth) {
    walk.problems.push({ where: nameIn(walk, path), message: `more than ${LIMITS.depth} folders deep` });
    return;
  }
  await visit(walk, path, depth);
}

async function take(walk: Walk, path: string): Promise<void> {
  const where = nameIn(walk, path);
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !real.startsWith(walk.root + sep)) {
    walk.problems.push({ where, message: 'a link that leaves the folder, or leads nowhere' });
    return;
  }
  const stat = await lstat(real);
  if (!stat.isFile()) {
    walk.problems.push({ where, message: 'not a file' });
    return;
  }
  if (stat.size > LIMITS.fileSize) {
    walk.problems.push({ where, message: `larger than ${LIMITS.fileSize} bytes` });
    return;
  }
  if (walk.files.length > LIMITS.files) throw tooMany(walk.root);
  walk.files.push({ path: where, bytes: await readFile(real) });
}

function nameIn(walk: Walk, path: string): string {
  return relative(walk.root, path).split(sep).join('/');
}

function missing(folder: string, message: string, remedy: string): ManifestsError {
  return new ManifestsError('manifests-missing', [{ where: folder, message, remedy }]);
}

function tooMany(folder: string): ManifestsError {
  const message = `more than ${LIMITS.files} manifests, or far more other files`;
  return new ManifestsError('manifests-invalid', [{ where: folder, message, remedy: 'is this the right folder?' }]);
}
