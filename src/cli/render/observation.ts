/** An observation for people: the verdict, then each environment step by step, with what runs there now. */
import type { ObservationResult, ObservedEnvironment, ObservedStep } from '../../contract/observation-workflow.ts';
import type { ObservedAnswer, ObservedVerdict } from '../../domain/observed.ts';
import type { Paint, Style } from '../terminal.ts';
import { formatMoment, withTimes } from './time.ts';

/** Names of those who may answer, by environment. */
export type Members = Readonly<Record<string, readonly string[]>>;

export const VERDICT_IN_WORDS: Readonly<Record<ObservedVerdict, string>> = {
  'would-be-released': 'would be released',
  'would-wait': 'would be released, after some waiting',
  'would-need-attention': 'would stand still until somebody mends something',
  'would-be-refused': 'would be refused',
};

const COLOURS: Readonly<Record<ObservedVerdict, Style>> = {
  'would-be-released': 'green',
  'would-wait': 'yellow',
  'would-need-attention': 'red',
  'would-be-refused': 'red',
};

const SIGNS: Readonly<Record<ObservedAnswer, string>> = {
  yes: 'yes',
  wait: 'waits',
  no: 'no',
  attention: 'stuck',
  untried: '?',
  nothing: '-',
};

export function renderObservation(
  { service, version, image, verdict, reason, refusal, environments }: ObservationResult,
  paint: Paint,
  members: Members = {},
): string {
  const what = `${service} ${version}${image === undefined ? '' : `  ${image.repository}@${image.digest}`}`;
  const remedy = refusal?.remedy === undefined ? [] : [`  ${paint('cyan', 'do')}  ${refusal.remedy}`];
  return [
    `${paint('bold', 'observed')}  ${what}`,
    `${paint(COLOURS[verdict], VERDICT_IN_WORDS[verdict])}: ${withTimes(reason)}`,
    ...remedy,
    ...environments.flatMap((one) => ['', ...linesOf(one, paint, members[one.environment] ?? [])]),
    '',
    paint(
      'dim',
      'Nothing was changed: no registry, no cluster, no record; nobody was asked or told. "?": only doing it would tell.',
    ),
  ].join('\n');
}

function linesOf(one: ObservedEnvironment, paint: Paint, members: readonly string[]): readonly string[] {
  const { environment, verdict, steps, live } = one;
  const width = Math.max(0, ...steps.map(({ step }) => step.length));
  return [
    `${paint('bold', environment)}  ${paint(COLOURS[verdict], VERDICT_IN_WORDS[verdict])}`,
    ...steps.map((step) => lineOf(step, { width, paint, members })),
    ...(live === undefined ? [] : [`  ${'now'.padEnd(width)}  ${' '.repeat(5)}  ${live.says}`]),
  ];
}

interface Frame {
  readonly width: number;
  readonly paint: Paint;
  readonly members: readonly string[];
}

function lineOf(observed: ObservedStep, { width, paint, members }: Frame): string {
  const { step, answer, refusal } = observed;
  const sign = SIGNS[answer].padEnd(5);
  const colour = { no: 'red', attention: 'red', wait: 'yellow' }[answer as string] as Style | undefined;
  const who = step === 'approval' && members.length > 0 ? ` (who could answer now: ${members.join(', ')})` : '';
  const code = refusal === undefined ? '' : ` (${refusal.code})`;
  const text = `${withTimes(observed.says)}${code}${who}${untilOf(observed)}`;
  const line = `  ${step.padEnd(width)}  ${colour === undefined ? sign : paint(colour, sign)}  ${text}`;
  return answer === 'nothing' || answer === 'untried' ? paint('dim', line) : line;
}

function untilOf({ until }: ObservedStep): string {
  return until === undefined ? '' : `; asked again ${formatMoment(until)}`;
}
