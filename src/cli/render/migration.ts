/** A migration for people: who stands where, what keeps them, and what a step has changed. */
import type { ServiceView, WaveView } from '../../migration/overview.ts';
import type { Verdict } from '../../migration/judge.ts';
import type { Advance } from '../migrating/advance.ts';
import type { LeftThere, Revert } from '../migrating/revert.ts';
import type { MigrationStatus } from '../migrating/status.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime, withTimes } from './time.ts';

const COLUMNS = ['service', 'owner', 'state', 'deployed by', 'since', 'next'];
const WAVE_COLOUR = { closed: 'yellow', open: 'cyan', done: 'green' } as const satisfies Record<
  WaveView['state'],
  string
>;

export function renderMigration({ waves, warnings }: MigrationStatus, paint: Paint): string {
  const parts = waves.map((one) => waveLines(one, paint).join('\n'));
  return [...parts, ...warnings.map((one) => `${paint('yellow', 'warning')} ${one}`)].join('\n\n');
}

function waveLines({ wave, state, gates, services }: WaveView, paint: Paint): readonly string[] {
  const [head = '', ...rows] = table(
    COLUMNS,
    services.map((one) => [one.service, one.owner, one.state, one.deploys, sinceIn(one), nextIn(one)]),
  );
  return [
    `${paint('bold', `wave ${wave}`)}: ${paint(WAVE_COLOUR[state], state)}`,
    ...(state === 'closed' ? open(gates).map((one) => `  ${keptBy(one)}`) : []),
    paint('dim', `  ${head}`),
    ...rows.flatMap((row, index) => [`  ${row}`, ...underService(services[index], gates, paint)]),
  ];
}

function sinceIn({ since }: ServiceView): string {
  return since === undefined ? '-' : formatTime(since).slice(0, 16);
}

function nextIn({ next, gates }: ServiceView): string {
  if (next === undefined) return '-';
  return open(gates).length === 0 ? `${next}, ready` : next;
}

function underService(view: ServiceView | undefined, ofWave: readonly Verdict[], paint: Paint): readonly string[] {
  if (view === undefined) return [];
  // what keeps the whole wave is said once, above
  const own = view.gates.filter(({ why }) => !ofWave.some((one) => one.why === why));
  return [
    ...view.broken.map((one) => `    ${paint('red', one.answer === 'unmet' ? 'broken' : 'unknown')} ${keptBy(one)}`),
    ...open(own).map((one) => `    ${keptBy(one)}`),
  ];
}

function open(gates: readonly Verdict[]): readonly Verdict[] {
  return gates.filter(({ answer }) => answer !== 'met');
}

function keptBy({ gate, answer, why, remedy }: Verdict): string {
  const what = answer === 'unknown' ? `${gate}?` : gate;
  return `${what}: ${withTimes(why)}${remedy === undefined ? '' : ` → ${remedy}`}`;
}

export function renderAdvance({ dryRun, moved, said, diff, file }: Advance, paint: Paint): string {
  const lines = moved.flatMap(({ service, owner, from, to, deploys, todo }) => [
    `${paint('bold', service)}: ${from} → ${paint('green', to)} (${deploys} deploys)`,
    `  now, ${owner}: ${todo}`,
  ]);
  return [...lines, ...said.map((one) => withTimes(one)), ...changed({ dryRun, diff, file }, paint)].join('\n');
}

export function renderRevert(answer: Revert, paint: Paint): string {
  const { service, owner, from, said, left, steps } = answer;
  return [
    `${paint('bold', service)}: ${from} → ${paint('yellow', 'reverted')} (legacy deploys)`,
    ...said.map((one) => withTimes(one)),
    `what Sluice has on record:`,
    ...left.map((one) => `  ${leftLine(one)}`),
    `now, ${owner}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    `then, to begin again: sluice migration advance ${service}`,
    ...changed(answer, paint),
  ].join('\n');
}

function leftLine({ environment, running, unknown }: LeftThere): string {
  if (unknown !== undefined) return `${environment}: ${unknown}`;
  if (running === undefined) return `${environment}: nothing`;
  const { version, digest, since } = running;
  return `${environment}: ${version}${digest === undefined ? '' : ` ${digest}`}, since ${formatTime(since)}`;
}

function changed(
  { dryRun, diff, file }: { readonly dryRun: boolean; readonly diff: readonly string[]; readonly file: string },
  paint: Paint,
): readonly string[] {
  const lines = diff.map((line) => paint(line.startsWith('-') ? 'red' : 'green', line));
  if (diff.length === 0) return [`${file} says so already`];
  const end = dryRun ? 'dry run: nothing was changed' : 'written; commit it';
  return [file, ...lines, end];
}
