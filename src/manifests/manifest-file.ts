/** What a folder of manifests is made of, wherever it comes from: a checkout or a published artefact. */
import type { Problem } from '../domain/error-code.ts';

export interface ManifestFile {
  /** Relative to the service's folder, with `/`: `staging/deployment.yaml`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Far above what a service needs, far below what hurts a worker; the same for folders and for artefacts from a registry. */
export const LIMITS = {
  files: 300,
  /** Bytes of one file: the YAML parser needs about a second for the worst of this size. */
  fileSize: 512 * 1024,
  /** Bytes of all files together. */
  totalSize: 2 * 1024 * 1024,
  /** Folders below the service's folder. */
  depth: 8,
  /** Characters of a path. */
  pathLength: 512,
} as const;

/** The last four are about the bytes in a registry, before anything in them is a manifest of Kubernetes. */
export type ManifestsCode =
  | 'manifests-missing'
  | 'manifests-invalid'
  | 'manifest-malformed'
  | 'manifest-ambiguous'
  | 'media-type-mismatch'
  | 'digest-unsupported';

/** A folder or an artefact that cannot be used at all; `problems` holds every one that was found. */
export class ManifestsError extends Error {
  readonly code: ManifestsCode;
  readonly problems: readonly Problem[];

  constructor(code: ManifestsCode, problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.where}: ${problem.message}`).join('; '));
    this.name = 'ManifestsError';
    this.code = code;
    this.problems = problems;
  }
}

/** Why `path` is not a plain path below a folder; undefined when it is one. Holds on every operating system. */
export function badPath(path: string): string | undefined {
  if (path === '' || path.length > LIMITS.pathLength) return `a path has 1 to ${LIMITS.pathLength} characters`;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\:]/.test(path)) return 'a path has no control characters, backslashes or colons';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'a path stays below the folder';
  if (parts.length > LIMITS.depth + 1) return `at most ${LIMITS.depth} folders deep`;
  return undefined;
}

/** Everything that is wrong with a set of files as a set: paths, doubles, count and size. */
export function problemsOfFiles(files: readonly ManifestFile[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let total = 0;
  for (const { path, bytes } of files) {
    const bad = badPath(path) ?? (seen.has(path) ? 'the same path occurs twice' : undefined);
    if (bad !== undefined) problems.push({ where: printable(path), message: bad });
    if (bytes.byteLength > LIMITS.fileSize) {
      problems.push({ where: printable(path), message: `larger than ${LIMITS.fileSize} bytes` });
    }
    seen.add(path);
    total += bytes.byteLength;
  }
  if (files.length > LIMITS.files) problems.push({ where: '.', message: `more than ${LIMITS.files} files` });
  if (total > LIMITS.totalSize) problems.push({ where: '.', message: `more than ${LIMITS.totalSize} bytes together` });
  return problems;
}

/** A path from outside, fit for a message: one line, no control characters, not endless. */
export function printable(path: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  return path.slice(0, 200).replace(/[\u0000-\u001f\u007f]/g, '?');
}
