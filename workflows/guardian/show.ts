/** A guardian as lists and the Temporal UI show it, without asking it. */
import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { DRIFTED, type GuardianMemo, type GuardianState } from '../../src/contract/guardian-workflow.ts';
import { OUTCOME, VERSION } from '../../src/contract/search-attributes.ts';
import { type Finding, findingLine } from '../../src/domain/finding.ts';
import { cutAfter, plainText } from '../../src/domain/plain-text.ts';
import { type Guard, stateOf } from './guard.ts';

/** The store of lists is no place for long texts; the query has them. */
const SHOWN = 5;
const LINE = 200;

/** Always a command, whatever has changed. */
export function show(guard: Guard): void {
  setCurrentDetails(guardianDetails(guard));
  upsertMemo({ guardian: shortened(stateOf(guard)) } satisfies GuardianMemo);
  const { guarded, findings, isOver } = guard;
  upsertSearchAttributes([
    { key: OUTCOME, value: findings.length > 0 && !isOver ? DRIFTED : null },
    ...(guarded === undefined ? [] : [{ key: VERSION, value: guarded.version }]),
  ]);
}

type Shown = Pick<
  Guard,
  'environment' | 'service' | 'guarded' | 'findings' | 'reaction' | 'goesBack' | 'isOver' | 'said'
>;

export function guardianDetails(guard: Shown): string {
  const { environment, service, guarded, findings, reaction, goesBack, isOver, said } = guard;
  if (isOver) return `Nothing to look after any more: ${line(said)}`;
  const what = `${service}${guarded === undefined ? '' : ` ${guarded.version}`} in ${environment}`;
  if (findings.length === 0) {
    return `**${what}** is as its promotion left it, as far as was looked. When it looked last stands with its pending activity.`;
  }
  const done =
    reaction === undefined ? [] : ['', `Done about it: ${reaction.kind} at ${reaction.at}${why(reaction.because)}`];
  return [
    `⚠ **${what}** is not as its promotion left it${goesBack ? '; it goes back' : ''}`,
    '',
    ...findings.flatMap((one) => [
      `- ${line(findingLine(one))} (\`${one.code}\`, since ${one.since})`,
      ...(one.expected === undefined ? [] : [`  - expected: ${line(one.expected)}`]),
      ...(one.got === undefined ? [] : [`  - got: ${line(one.got)}`]),
      ...(one.remedy === undefined ? [] : [`  - to do: ${line(one.remedy)}`]),
    ]),
    ...done,
  ].join('\n');
}

function why(because: string | undefined): string {
  return because === undefined ? '' : ` (${line(because)})`;
}

function shortened(state: GuardianState): GuardianState {
  return { ...state, findings: state.findings.slice(0, SHOWN).map(short) };
}

function short({ expected: _, got: __, ...finding }: Finding): Finding {
  const { message, remedy } = finding;
  return { ...finding, message: cut(message), ...(remedy === undefined ? {} : { remedy: cut(remedy) }) };
}

function cut(text: string): string {
  return cutAfter(text, LINE);
}

function line(text: string): string {
  return plainText(text, 500);
}
