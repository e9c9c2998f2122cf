/** One YAML file as a plain value whose every part knows its line and column. */
import { LineCounter, type Node, isNode, isPair, isMap, parseDocument, visit, type YAMLError } from 'yaml';
import type { Problem } from '../domain/error-code.ts';
import { maskVariables, substitute } from './variables.ts';

export type Path = readonly PropertyKey[];

export interface SourceDocument {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** False when the text is no YAML, so that nothing more can be said about it. */
  readonly readable: boolean;
  /** `sluice.yaml:12:5 environments.dev.registry`: the value at `path`, or the nearest part that exists. */
  where(path: Path): string;
  /** The same for the key itself. */
  whereKey(path: Path): string;
  /** What is written at `path`, variables not replaced, on one line and cut short; undefined: nothing is written there. */
  written(path: Path): string | undefined;
}

/** Duplicate keys are worth reporting beside other mistakes; anything else leaves a broken tree. */
const HARMLESS: readonly YAMLError['code'][] = ['DUPLICATE_KEY'];

const LONGEST_QUOTE = 60;

export function readDocument(
  source: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(maskVariables(source), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, path: Path): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}${path.length === 0 ? '' : ` ${formatPath(path)}`}`;
  };
  const problems: Problem[] = document.errors.map((error) => ({ where: at(error.pos[0], []), message: error.message }));

  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      const result = substitute(node.value, environment);
      if (result.ok) {
        node.value = result.text;
        return;
      }
      const where = at(node.range?.[0] ?? 0, []);
      for (const name of result.missing) problems.push(missingVariable(where, name));
      for (const name of result.malformed) problems.push({ where, message: `"\${${name}}" names no variable` });
    },
  });

  const nodeAt = (path: Path): Node | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) ? node : undefined;
  };
  const where = (path: Path): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodeAt(path.slice(0, length));
      if (node?.range) return at(node.range[0], path);
    }
    return at(0, path);
  };
  const whereKey = (path: Path): string => {
    const parent = nodeAt(path.slice(0, -1));
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && keyOf(item.key) === path.at(-1))
      : undefined;
    return isNode(pair?.key) && pair.key.range ? at(pair.key.range[0], path) : where(path);
  };

  const written = (path: Path): string | undefined => {
    const range = nodeAt(path)?.range;
    if (!range) return undefined;
    const text = source.slice(range[0], range[1]).replace(/\s+/g, ' ').trim();
    return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  };

  const readable = document.errors.every((error) => HARMLESS.includes(error.code));
  if (!readable) return { value: undefined, problems, readable, where, whereKey, written };
  try {
    return { value: document.toJS(), problems, readable, where, whereKey, written };
  } catch (cause) {
    // the yaml package refuses to expand aliases without bound
    problems.push({ where: at(0, []), message: cause instanceof Error ? cause.message : String(cause) });
    return { value: undefined, problems, readable: false, where, whereKey, written };
  }
}

/** `environments.dev.approvals[0].from`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function keyOf(key: unknown): unknown {
  return isNode(key) && 'value' in key ? key.value : key;
}

function missingVariable(where: string, name: string): Problem {
  return {
    where,
    message: `the environment variable ${name} is not set`,
    remedy: `set it, or write the value instead of \${${name}}`,
  };
}
