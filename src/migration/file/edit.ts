/** Writing a new state into `migration.yaml`: only what changes is touched; comments, order and spelling of the rest stay byte for byte. */
import { isMap, isPair, isScalar, isSeq, type Node, parse, parseDocument, type YAMLMap } from 'yaml';
import { ConfigError } from '../../config/config-error.ts';
import type { Change } from '../migration.ts';

export interface Move {
  readonly service: string;
  readonly change: Change;
}

/** The text with all moves in it. Throws {@link ConfigError} where the service is written so that nothing can be put in. */
export function withMoves(text: string, moves: readonly Move[]): string {
  return moves.reduce(withMove, text);
}

function withMove(text: string, { service, change }: Move): string {
  const document = parseDocument(text, { prettyErrors: false });
  const map = document.getIn(['services', service], true);
  const state = isMap(map) ? map.get('state', true) : undefined;
  if (!isMap(map) || !isScalar(state) || state.range == null) throw cannotEdit(service);
  const splices = [{ at: state.range[0], end: state.range[1], put: change.to }, entryInto(map, text, change)];
  const edited = splices
    .toSorted((a, b) => b.at - a.at)
    .reduce((whole, { at, end, put }) => whole.slice(0, at) + put + whole.slice(end), text);
  if (!isAsMeant(text, edited, service, change)) throw cannotEdit(service);
  return edited;
}

interface Splice {
  readonly at: number;
  readonly end: number;
  readonly put: string;
}

function entryInto(map: YAMLMap, text: string, change: Change): Splice {
  const entry = entryOf(change);
  const line = text.includes('\r\n') ? '\r\n' : '\n';
  const history = map.get('history', true);
  if (isSeq(history) && history.range != null) {
    if (history.flow === true) return intoFlow(history.range[1], history.items.length, entry);
    return below(text, lastEnd(history), `${line}${indentOf(text, history.items[0])}- ${entry}`);
  }
  if (map.flow === true) return intoFlow(map.range?.[1] ?? 0, map.items.length, `history: [${entry}]`);
  const indent = indentOf(text, map.items[0]?.key);
  return below(text, lastEnd(map), `${line}${indent}history:${line}${indent}  - ${entry}`);
}

/** `end`: after the closing bracket. */
function intoFlow(end: number, items: number, entry: string): Splice {
  return { at: end - 1, end: end - 1, put: items === 0 ? entry : `, ${entry}` };
}

/** Behind what else stands on that line. */
function below(text: string, end: number, put: string): Splice {
  const from = text[end - 1] === '\n' ? end - 1 : end;
  const found = text.slice(from).search(/\r?\n|$/);
  return { at: from + found, end: from + found, put };
}

/** Where the last thing that is written in it ends, without the comments after it. */
function lastEnd(node: unknown): number {
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    if (isPair(last)) return lastEnd(last.value ?? last.key);
    if (last !== undefined) return lastEnd(last);
  }
  return (node as Node).range?.[1] ?? 0;
}

/** Blanks before it on its line; for an item of a list those before its dash. */
function indentOf(text: string, node: unknown): string {
  const at = (node as Node | undefined)?.range?.[0] ?? 0;
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^ */.exec(line)?.[0] ?? '';
}

/** One line; a JSON string is a YAML scalar as well. */
function entryOf({ at, by, from, to, reason }: Change): string {
  const why = reason === undefined ? '' : `, reason: ${JSON.stringify(reason)}`;
  return `{ at: ${at}, by: ${JSON.stringify(by)}, from: ${from}, to: ${to}${why} }`;
}

/** Nothing else has changed, whatever the file looks like. */
function isAsMeant(before: string, after: string, service: string, change: Change): boolean {
  const wanted = parse(before) as { services: Record<string, { state: string; history?: unknown[] }> };
  const one = wanted.services[service];
  if (one === undefined) return false;
  one.state = change.to;
  one.history = [...(one.history ?? []), { ...change }];
  try {
    return JSON.stringify(sorted(parse(after))) === JSON.stringify(sorted(wanted));
  } catch {
    // what cannot be read any more is not what was meant
    return false;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function cannotEdit(service: string): ConfigError {
  return new ConfigError('config-invalid', [
    {
      where: `services.${service}`,
      message: 'its state cannot be written in place: it is spelt with anchors or aliases, or in an unusual form',
      remedy: 'write the service as "name:" with its keys on lines of their own',
    },
  ]);
}

/** Lines that go and come, as `diff -U0` shows them. */
export function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  const lines: string[] = [];
  let at = 0;
  for (const line of now) {
    // only states are replaced, and only lines are added
    if (line === old[at]) at += 1;
    else if (isReplaced(old[at], line)) lines.push(`-${old[at++]}`, `+${line}`);
    else lines.push(`+${line}`);
  }
  return lines;
}

const STATE = /\bstate: *["']?\w+/;

function isReplaced(old: string | undefined, line: string): boolean {
  return old !== undefined && STATE.test(old) && STATE.test(line) && old.replace(STATE, '') === line.replace(STATE, '');
}
