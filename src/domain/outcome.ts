/** How a promotion or a release can end. A refusal is a result, never an error. */

export const OUTCOMES = ['released', 'refused', 'rolled-back', 'aborted', 'superseded'] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];
