/** Writes what was measured: one JSON file a run, and the table of the last one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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
  writeFileSync(table, tableOf(run, name));
  return [json, table];
}

export function tableOf(run: Run, file: string): string {
  const machineLine = Object.entries(run.machine).map(([name, value]) => `${name} ${value}`);
  return [
    '# Results of the last whole run',
    '',
    `Measured ${run.at} by \`npm run bench\`; written by \`bench/report.ts\`, numbers behind it in [${file}](${file}).`,
    `Machine: ${machineLine.join(' · ')}.`,
    '',
    '| figure | measured | target | met | from |',
    '|---|---|---|---|---|',
    ...run.figures.map(rowOf),
    '',
  ].join('\n');
}

export function rowOf(figure: Figure): string {
  const met = isMet(figure);
  const cells = [
    `${figure.measurement}: ${figure.figure}`,
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
