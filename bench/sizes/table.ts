/** The table of docs/production.md: what one release of the stored histories costs. */
import { readFileSync } from 'node:fs';
import { type Size, sizeOf } from './count.ts';

const HISTORIES = new URL('../../test/integration/replay/histories/', import.meta.url);
const VERSION = '0.3.0';

/** What of which scene, in the words of the document. */
const ROWS: readonly (readonly [string, string])[] = [
  ['the release itself, path of two environments', 'released.release'],
  ['a promotion that asks nobody', 'released.staging'],
  ['a promotion that one person approves', 'approved-by-update.staging'],
  ['a promotion that was reminded of, and for which more people were asked', 'reminded-and-widened.staging'],
  ['a promotion that waited for a gate', 'gate-waited-for.staging'],
  ['a promotion that was rolled back', 'rolled-back.staging'],
  ['a roll-back that somebody asked for', 'rollback-released.rollback'],
  ['the environment’s desk while two releases took turns', 'waited-for-its-turn.environment'],
  ['a guardian: eight looks, with what it found and did about it', 'guarded.guardian'],
  ['a notification that arrived', 'told.notification'],
];

/** Rows of {@link ROWS}, aligned as prettier has it. */
export function table(): string {
  const rows = ROWS.map(([what, name]) => [what, ...cells(stored(name))]);
  const all = [['of one', 'events', 'KB', 'actions'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = all;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function stored(name: string): Size {
  return sizeOf(JSON.parse(readFileSync(new URL(`${VERSION}/${name}.json`, HISTORIES), 'utf8')));
}

/** The figures of one row, as text. */
export function cells({ events, bytes, actions }: Size): readonly string[] {
  return [String(events), (bytes / 1024).toFixed(0), String(actions)];
}
