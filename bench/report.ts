/** Writes what was measured: one JSON file a run, and a table of the newest of each measurement. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolPath } from '../local/tools/tool-path.ts';
import { type Figure, isMet } from './figures.ts';

export interface Run {
  /** ISO 8601. */
  readonly at: string;
  readonly quick: boolean;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
}

const RESULTS = fileURLToPath(new URL('./results', import.meta.url));

export function machine(): Run['machine'] {
  const [cpu] = cpus();
  const temporal = toolPath('temporal');
  return {
    cores: cpus().length,
    cpu: cpu?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    temporal: temporal === undefined ? 'none' : execFileSync(temporal, ['--version'], { encoding: 'utf8' }).trim(),
  };
}

/** The paths that were written. A quick run is kept out of the table: its numbers mean little. */
export function writeResults(run: Run): readonly string[] {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${run.at.slice(0, 19).replaceAll(':', '-')}${run.quick ? '-quick' : ''}.json`;
  const json = join(RESULTS, name);
  writeFileSync(json, `${JSON.stringify(run, null, 2)}\n`);
  if (run.quick) return [json];
  const table = join(RESULTS, 'README.md');
  writeFileSync(table, tableOf(knownRuns()));
  return [json, table];
}

interface Known {
  readonly file: string;
  readonly run: Run;
}

function knownRuns(): readonly Known[] {
  return readdirSync(RESULTS)
    .filter((file) => file.endsWith('.json') && !file.endsWith('-quick.json'))
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Run }));
}

/** Of each measurement the newest run that has it: figures are ratios of one run, so they may come from different ones. */
export function tableOf(known: readonly Known[]): string {
  const newestFirst = known.toSorted((one, other) => other.run.at.localeCompare(one.run.at));
  const names = [...new Set(known.flatMap(({ run }) => run.figures.map((figure) => figure.measurement)))].toSorted();
  const sections = names.map((name) => {
    const newest = newestFirst.find(({ run }) => run.figures.some((figure) => figure.measurement === name));
    return newest === undefined ? [] : sectionOf(name, newest);
  });
  const intro =
    'Written by `npm run bench`. Of each measurement the newest run that has it; what was missed, and why: [bench](../README.md).';
  return ['# Results', '', intro, '', ...sections.flat()].join('\n');
}

function sectionOf(name: string, { file, run }: Known): readonly string[] {
  const machineLine = Object.entries(run.machine).map(([key, value]) => `${key} ${value}`);
  return [
    `## ${name}`,
    '',
    `Measured ${run.at}, numbers behind it in [${file}](${file}). Machine: ${machineLine.join(' · ')}.`,
    '',
    '| figure | measured | target | met | from |',
    '|---|---|---|---|---|',
    ...run.figures.filter((figure) => figure.measurement === name).map(rowOf),
    '',
  ];
}

export function rowOf(figure: Figure): string {
  const met = isMet(figure);
  const cells = [
    figure.figure,
    `${number(figure.value)} ${figure.unit}`,
    targetOf(figure),
    met === undefined ? '' : met ? 'yes' : '**no**',
    Object.entries(figure.from)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? number(value) : value}`)
      .join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return '';
  return 'atMost' in target ? `≤ ${target.atMost} ${unit}` : `≥ ${target.atLeast} ${unit}`;
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
