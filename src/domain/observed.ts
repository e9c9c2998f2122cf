/** What an observation says: a journey that was looked at and not made. */

/**
 * Of one step. `yes`: what was checked in its place is well. `wait`: it would wait. `no`: the promotion would be refused. `attention`: it would
 * stand still until somebody mends something. `untried`: only doing it would tell. `nothing`: it has nothing to do here.
 */
export const OBSERVED_ANSWERS = ['yes', 'wait', 'no', 'attention', 'untried', 'nothing'] as const;
export type ObservedAnswer = (typeof OBSERVED_ANSWERS)[number];

/** Of an environment, and of the whole journey; the graver the later. */
export const OBSERVED_VERDICTS = [
  'would-be-released',
  'would-wait',
  'would-need-attention',
  'would-be-refused',
] as const;
export type ObservedVerdict = (typeof OBSERVED_VERDICTS)[number];

const OF_ANSWER: Readonly<Partial<Record<ObservedAnswer, ObservedVerdict>>> = {
  wait: 'would-wait',
  attention: 'would-need-attention',
  no: 'would-be-refused',
};

export function verdictOfSteps(answers: readonly ObservedAnswer[]): ObservedVerdict {
  return gravest(answers.map((one) => OF_ANSWER[one] ?? 'would-be-released'));
}

export function gravest(verdicts: readonly ObservedVerdict[]): ObservedVerdict {
  return OBSERVED_VERDICTS.filter((one) => verdicts.includes(one)).at(-1) ?? 'would-be-released';
}
