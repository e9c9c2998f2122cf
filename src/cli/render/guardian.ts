/** Guardians for people: what each looks after, when it looked last, and what is not as it was left. */
import type { GuardianView } from '../../client/index.ts';
import type { CheckAnswer } from '../../contract/guardian-workflow.ts';
import { driftedSince, type Finding, findingLine } from '../../domain/finding.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime, withTimes } from './time.ts';

const NONE =
  'no guardian: an environment has one that says so in sluice.yaml ("guardian"), and it begins when a promotion has ended well there';

export function renderGuardians(guardians: readonly GuardianView[], paint: Paint): string {
  if (guardians.length === 0) return NONE;
  const rows = guardians.map(({ environment, service, guarded, findings, lookedAt, nextLookAt }) => [
    environment,
    service,
    guarded?.version ?? '',
    findings.length === 0 ? 'as it was left' : `${findings.length} found`,
    lookedAt === undefined ? 'not yet' : formatTime(lookedAt),
    nextLookAt === undefined ? '' : formatTime(nextLookAt),
  ]);
  const [head = '', ...lines] = table(['environment', 'service', 'version', 'state', 'looked', 'looks next'], rows);
  const drifted = guardians.filter((one) => one.findings.length > 0);
  return [paint('dim', head), ...lines, ...drifted.flatMap((one) => ['', ...renderDrift(one, paint)])].join('\n');
}

type Drifted = Pick<GuardianView, 'environment' | 'service' | 'guarded' | 'findings' | 'reaction'>;

/** What is not as it was left at one place, since when, and what was done about it. */
export function renderDrift(
  { environment, service, guarded, findings, reaction }: Drifted,
  paint: Paint,
): readonly string[] {
  const what = `${service}${guarded === undefined ? '' : ` ${guarded.version}`} in ${environment}`;
  const since = driftedSince(findings);
  return [
    `${paint('bold', what)} ${paint('red', 'drifted')}${since === undefined ? '' : ` since ${formatTime(since)}`}`,
    ...findings.flatMap((one) => renderFinding(one, paint)),
    ...(reaction === undefined ? [] : [paint('yellow', `  done about it: ${reactionLine(reaction)}`)]),
  ];
}

export function renderCheck({ message, seen }: CheckAnswer, paint: Paint): string {
  if (seen.length === 0) return paint('green', withTimes(message));
  return [paint('red', withTimes(message)), ...seen.flatMap((one) => renderFinding(one, paint))].join('\n');
}

function renderFinding(finding: Finding, paint: Paint): readonly string[] {
  const { expected, got, remedy, code } = finding;
  return [
    `  ${paint('red', '✗')} ${withTimes(findingLine(finding))} ${paint('dim', `(docs/errors.md#${code})`)}`,
    ...(expected === undefined ? [] : [`      expected  ${expected}`]),
    ...(got === undefined ? [] : [`      got       ${got}`]),
    ...(remedy === undefined ? [] : [`      do        ${remedy}`]),
  ];
}

function reactionLine({ kind, at, outcome, because }: NonNullable<GuardianView['reaction']>): string {
  const ended = outcome === undefined ? '' : `, ${outcome}`;
  return `${kind}${ended} at ${formatTime(at)}${because === undefined ? '' : ` (${withTimes(because)})`}`;
}
