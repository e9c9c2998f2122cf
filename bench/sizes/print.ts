/**
 * `npm run sizes`: what a release costs in Temporal. Without arguments it rewrites the table in docs/production.md from the stored histories;
 * with files or folders it counts those: what `temporal workflow show --output json` printed, or an unpacked `sluice evidence export`.
 */
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { NOT_IN_HISTORIES, type Size, sizeOf, sumOf } from './count.ts';
import { cells, table } from './table.ts';

export const PAGE = new URL('../../docs/production.md', import.meta.url);
const BETWEEN = /(?<=<!-- npm run sizes -->\n\n)[^]*?(?=\n\n<!-- end -->)/;

/** The page with the table as the histories have it now. */
export function pageWithTable(page: string): string {
  if (!BETWEEN.test(page))
    throw new Error('docs/production.md has no place for the table: "<!-- npm run sizes -->" and "<!-- end -->"');
  return page.replace(BETWEEN, () => table());
}

function filesOf(path: string): readonly string[] {
  if (!existsSync(path)) throw new Error(`${path}: no such file or folder`);
  return statSync(path).isDirectory() ? globSync(`${path}/**/*.json`).toSorted() : [path];
}

function read(file: string): Size {
  try {
    return sizeOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Prints one line a history and their sum. */
function count(paths: readonly string[]): void {
  const files = paths.flatMap(filesOf);
  if (files.length === 0) throw new Error(`${paths.join(', ')}: no *.json below it`);
  const sizes = files.map(read);
  const line = (size: Size, name: string): string =>
    `${cells(size)
      .map((cell) => cell.padStart(8))
      .join('')}  ${name}`;
  const head = `${['events', 'KB', 'actions'].map((word) => word.padStart(8)).join('')}  history`;
  console.log(
    [head, ...sizes.map((size, at) => line(size, files[at] ?? '')), line(sumOf(sizes), 'together')].join('\n'),
  );
  console.log(`Not in histories, and billed: ${NOT_IN_HISTORIES.join(', ')}.`);
}

if (import.meta.main) {
  const paths = process.argv.slice(2);
  try {
    if (paths.length > 0) count(paths);
    else writeFileSync(PAGE, pageWithTable(readFileSync(PAGE, 'utf8')));
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause));
    process.exitCode = 2;
  }
}
