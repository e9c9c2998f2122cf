/** From files to Kubernetes objects that know their file and line. YAML 1.1 as kubectl reads it; JSON is a part of YAML. */
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { Problem } from '../domain/error-code.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { type ManifestFile, printable } from './manifest-file.ts';
import { findNotPlain } from './plain-value.ts';
import { badKeys } from './yaml-keys.ts';
import { describeYamlError } from './yaml-problem.ts';
import { resolveNumbers, withoutNumbers } from './yaml-numbers.ts';

export type Path = readonly (string | number)[];

/** An object with the place where it was written. */
export interface StatedObject {
  readonly object: ManifestObject;
  /** `file:line` of the member at `path` inside the object, or of the nearest place around it. */
  readonly where: (path?: Path) => string;
}

export interface Parsed {
  readonly objects: readonly StatedObject[];
  readonly problems: readonly Problem[];
}

const MOST_OBJECTS = 1000;
const MOST_PROBLEMS_PER_FILE = 20;
const DEEPEST_LIST = 3;

/** Every problem of every file at once; empty documents are nothing. */
export function parseManifests(files: readonly ManifestFile[]): Parsed {
  const parts = files.map(parseFile);
  const objects = parts.flatMap((part) => part.objects);
  const problems = parts.flatMap((part) => part.problems);
  if (objects.length <= MOST_OBJECTS) return { objects, problems };
  return { objects: [], problems: [...problems, { where: '.', message: `more than ${MOST_OBJECTS} objects` }] };
}

function parseFile(file: ManifestFile): Parsed {
  const name = printable(file.path);
  const text = decode(file.bytes);
  if (text === undefined) return failed({ where: name, message: 'not UTF-8 text' });
  const lines = new LineCounter();
  const documents = documentsOf(text, lines);
  if (documents === undefined) return failed({ where: name, message: 'not valid YAML: nested too deeply' });
  const problems = documents.flatMap(faultsOf).map(({ at, message }) => ({
    where: `${name}:${lines.linePos(at).line}`,
    message: `not valid YAML: ${message}`,
  }));
  if (problems.length > 0) return { objects: [], problems: distinct(problems).slice(0, MOST_PROBLEMS_PER_FILE) };
  return join(documents.map((document) => parseDocument(document, name, lines)));
}

function faultsOf(document: Document.Parsed): readonly { readonly at: number; readonly message: string }[] {
  if (document.errors.length === 0) return badKeys(document);
  return document.errors.map((error) => ({ at: error.pos[0], message: describeYamlError(error.code) }));
}

/** One broken bracket makes the parser complain many times about one line. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [`${one.where} ${one.message}`, one])).values()];
}

function documentsOf(text: string, lines: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
      customTags: withoutNumbers,
      uniqueKeys: false,
    });
    documents.forEach(resolveNumbers);
    return [...documents];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parseDocument(document: Document.Parsed, file: string, lines: LineCounter): Parsed {
  const where = (path: Path = []): string => `${file}:${lineOf(document, path, lines)}`;
  const value = toJs(document);
  if (value instanceof Error)
    return failed({
      where: where(),
      message: 'an alias (*name) without its anchor (&name), or aliases that multiply too far',
    });
  if (value === null || value === undefined) return { objects: [], problems: [] };
  const notPlain = findNotPlain(value);
  if (notPlain !== undefined) return failed({ where: where(notPlain.path), message: notPlain.message });
  return toObjects(value, [], where, 0);
}

function toJs(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 }) as unknown;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A `List` (or `DeploymentList` …) is its items. */
function toObjects(value: unknown, at: Path, where: (path: Path) => string, depth: number): Parsed {
  const bad = notAnObject(value);
  if (bad !== undefined) return failed({ where: where([...at, ...bad.path]), message: bad.message });
  const object = value as ManifestObject;
  if (object.kind.endsWith('List') && Array.isArray(object['items'])) {
    if (depth >= DEEPEST_LIST) return failed({ where: where(at), message: 'lists inside lists inside lists' });
    return join(object['items'].map((item, index) => toObjects(item, [...at, 'items', index], where, depth + 1)));
  }
  const name = (object as { metadata?: { name?: unknown } }).metadata?.name;
  if (typeof name !== 'string' || name === '') {
    return failed({ where: where([...at, 'metadata']), message: `${object.kind} has no metadata.name` });
  }
  return { objects: [{ object, where: (path = []) => where([...at, ...path]) }], problems: [] };
}

function notAnObject(value: unknown): { path: Path; message: string } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { path: [], message: 'expected a Kubernetes object (a mapping with apiVersion, kind and metadata)' };
  }
  for (const field of ['apiVersion', 'kind'] as const) {
    const text = (value as Record<string, unknown>)[field];
    if (typeof text !== 'string' || text === '') return { path: [field], message: `${field} is missing or not a text` };
  }
  return undefined;
}

/** Line of the deepest node on `path` that the file really has: aliases and merges have no place of their own. */
function lineOf(document: Document.Parsed, path: Path, lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
    if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line;
  }
  return lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function join(parts: readonly Parsed[]): Parsed {
  return {
    objects: parts.flatMap((part) => part.objects),
    problems: parts.flatMap((part) => part.problems),
  };
}

function failed(problem: Problem): Parsed {
  return { objects: [], problems: [problem] };
}
