/** What zod found wrong, in words for the person who wrote the file. */
import type { z } from 'zod';
import type { Problem } from '../domain/error-code.ts';
import { didYouMean, nearest } from './did-you-mean.ts';
import { type Path, type SourceDocument, formatPath } from './document.ts';
import { type SchemasAt, schemasAt as schemasOfConfig } from './schema-document.ts';

type Issue = z.core.$ZodIssue;

export interface SchemaProblem extends Problem {
  /** The part that cannot be used. */
  readonly path: Path;
  /** The key that was probably meant by an unknown one. */
  readonly meant?: string;
  /** A required key is not there. */
  readonly absent?: true;
}

/** A file, and what its keys are for. */
interface Read {
  readonly document: SourceDocument;
  readonly schemasAt: SchemasAt;
}

/** All problems of one value; a misspelt key is one mistake, not also a missing one. */
export function problemsOfIssues(
  issues: readonly Issue[],
  document: SourceDocument,
  schemasAt = schemasOfConfig,
): readonly SchemaProblem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, { document, schemasAt }));
  const misspelt = problems.flatMap(({ path, meant }) =>
    meant === undefined ? [] : [formatPath([...path.slice(0, -1), meant])],
  );
  return problems.filter(({ path, absent }) => absent !== true || !misspelt.includes(formatPath(path)));
}

function problemsOfIssue(issue: Issue, read: Read, base: Path = []): readonly SchemaProblem[] {
  const { document } = read;
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], key, read));
  if (issue.code === 'invalid_union') return problemsOfUnion(issue, read, path);
  if (document.written(path) === undefined) return [missing(path, read)];
  return [
    {
      path,
      where: document.where(path),
      message: `expected ${expectation(issue)}, got ${gotAt(path, document)}`,
      ...purpose(path, read),
      ...emptyAs(path, read),
    },
  ];
}

function gotAt(path: Path, document: SourceDocument): string {
  const text = document.written(path) ?? '';
  return text === '' ? 'nothing' : text;
}

/** A key that stands there alone, and needs nothing else, has to say so. */
function emptyAs(path: Path, { document, schemasAt }: Read): { readonly remedy?: string } {
  const mayBeEmpty = schemasAt(path).some(({ type, required = [] }) => type === 'object' && required.length === 0);
  if (document.written(path) !== '' || !mayBeEmpty) return {};
  return { remedy: `where there is nothing to say, write "${String(path.at(-1))}: {}"` };
}

function unknownKey(path: Path, key: string, { document, schemasAt }: Read): SchemaProblem {
  const known = schemasAt(path.slice(0, -1)).flatMap((node) => Object.keys(node.properties ?? {}));
  const meant = nearest(key, known);
  return {
    path,
    ...(meant === undefined ? {} : { meant }),
    where: document.whereKey(path),
    message: `unknown key "${key}"${didYouMean(key, known)}`,
    ...(known.length === 0 ? {} : { remedy: `known here: ${[...new Set(known)].join(', ')}` }),
  };
}

/** A choice is reported as the alternative that the writer had in mind: the one with the fewest keys that it does not know. */
function problemsOfUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  read: Read,
  path: Path,
): readonly SchemaProblem[] {
  const { document, schemasAt } = read;
  const best = issue.errors.toSorted((a, b) => strangers(a) - strangers(b) || a.length - b.length)[0];
  const wrongShape = best?.some((one) => one.path.length === 0 && one.code !== 'unrecognized_keys') ?? true;
  if (best !== undefined && !wrongShape) {
    const problems = best.flatMap((one) => problemsOfIssue(one, read, path));
    return isGuess(issue, best) ? problems.filter(({ absent }) => absent !== true) : problems;
  }
  if (document.written(path) === undefined) return [missing(path, read)];
  return [
    {
      path,
      where: document.where(path),
      message: `expected ${[...new Set(schemasAt(path).map(shapeOf))].join(' or ')}, got ${gotAt(path, document)}`,
      ...purpose(path, read),
    },
  ];
}

/** Several alternatives fit as badly, for a key that none of them knows: which one was meant, and what it lacks, is anybody's guess. */
function isGuess({ errors }: Extract<Issue, { code: 'invalid_union' }>, best: readonly Issue[]): boolean {
  return strangers(best) > 0 && errors.filter((one) => strangers(one) === strangers(best)).length > 1;
}

function strangers(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    return sum + (issue.path.length === 0 ? 100 : 0);
  }, 0);
}

function missing(path: Path, read: Read): SchemaProblem {
  const message = path.length === 0 ? 'the file is empty' : `"${String(path.at(-1))}" is missing`;
  return { path, absent: true, where: read.document.where(path), message, ...purpose(path, read) };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'array' || issue.origin === 'string' ? ' of it' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'an http(s) address' : 'the form that is described';
    default:
      return 'something else';
  }
}

function shapeOf(node: ReturnType<SchemasAt>[number]): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.properties !== undefined) return `{${Object.keys(node.properties).join(', ')}}`;
  return article(node.type ?? 'a value');
}

function article(type: string): string {
  if (type === 'object' || type === 'record') return 'a mapping';
  if (type === 'array') return 'a list';
  if (type === 'string') return 'text';
  if (type === 'int' || type === 'integer') return 'a whole number';
  return `a ${type}`;
}

/** What the key is for; an item of a list borrows the list's description. */
function purpose(path: Path, { schemasAt }: Read): { readonly remedy?: string } {
  const described = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;
  const description = schemasAt(path)[0]?.description ?? schemasAt(described)[0]?.description;
  return description === undefined ? {} : { remedy: description };
}
