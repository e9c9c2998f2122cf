/** What was found of a service that runs without Sluice, what is missing, and what would be written; for people. */
import type { AdoptionPoint, AdoptionReport, AdoptionResult } from '../../contract/adoption-workflow.ts';
import { shortDigest } from '../../domain/digest.ts';
import { changesInWords } from '../../domain/manifest-change.ts';
import type { Paint } from '../terminal.ts';

interface Asked {
  readonly service: string;
  readonly environment: string;
}

export function renderAdoption(report: AdoptionReport, asked: Asked, paint: Paint): string {
  const { points, adoption, found } = report;
  const blocking = points.filter(({ blocks }) => blocks);
  const others = points.filter(({ blocks }) => !blocks);
  return [
    paint('bold', `${report.service} in ${report.environment}`),
    ...foundLines(report),
    ...listed(paint('red', 'missing'), blocking),
    ...listed(paint('yellow', 'to know'), others),
    ...(adoption === undefined || found === undefined
      ? ['', 'Nothing would be adopted like this; nothing was changed.']
      : [
          '',
          ...wouldWrite(report),
          '',
          `adopt it:  ${command(asked, adoption.version)} --yes --found ${found} --reason "…"`,
        ]),
  ].join('\n');
}

export function renderAdopted(
  result: AdoptionResult & { readonly outcome: 'adopted' | 'already' },
  paint: Paint,
): string {
  const { outcome, adopted, report } = result;
  const { service, environment, version = '', image } = report;
  const what = `${service} ${version} (${image === undefined ? '' : shortDigest(image.digest)})`;
  const said =
    outcome === 'adopted'
      ? `${what} is adopted in ${environment}`
      : `${what} was adopted in ${environment} by ${adopted.by} at ${adopted.at}`;
  return [
    paint('green', said),
    ...listed(
      paint('yellow', 'to know'),
      report.points.filter(({ blocks }) => !blocks),
    ),
    `see it:    sluice environment ${environment}`,
    `next:      sluice start ${service} <version>; "sluice rollback ${service} --environment ${environment}" brings ${version} back after it`,
  ].join('\n');
}

function foundLines({
  namespace,
  version,
  image,
  workloads,
  manifests,
  signed,
  changes,
  managed,
}: AdoptionReport): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['namespace', namespace],
    ...workloads.map((one): readonly [string, string] => [one.workload, one.image]),
    ['image', image === undefined ? undefined : `${image.repository}@${image.digest}`],
    ['version', version],
    ['signatures', signed],
    ['manifests', manifests],
    ['roll-back', changes === undefined ? undefined : changesInWords(changes)],
    ['managed', managed === undefined ? undefined : `${managed.version} since ${managed.since}`],
  ];
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function wouldWrite({ environment, service, version }: AdoptionReport): readonly string[] {
  return [
    'would be remembered, in the environment itself, and nothing else:',
    `  ${environment} runs ${service} ${version}, from now on, adopted by you`,
    `  ${version} is what "sluice rollback ${service} --environment ${environment}" goes back to after the next release`,
  ];
}

function listed(title: string, points: readonly AdoptionPoint[]): readonly string[] {
  if (points.length === 0) return [];
  return ['', `${title}:`, ...points.flatMap(pointLines)];
}

function pointLines({ part, message, expected, got, remedy, code }: AdoptionPoint): readonly string[] {
  return [
    `  ${part}: ${message}`,
    ...(expected === undefined ? [] : [`    expected: ${expected}`]),
    ...(got === undefined ? [] : [`    got:      ${got}`]),
    ...(remedy === undefined ? [] : [`    to do:    ${remedy}`]),
    ...(code === undefined ? [] : [`    see:      docs/errors.md#${code}`]),
  ];
}

function command({ service, environment }: Asked, version: string): string {
  return `sluice adopt ${service} ${version} --environment ${environment}`;
}
