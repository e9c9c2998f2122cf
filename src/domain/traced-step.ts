/** What is timed and traced as a step: the steps of a promotion, what comes before them, and what takes them back. */
import { STEPS } from './step.ts';

export const TRACED_STEPS = [
  ...STEPS,
  // before the first promotion
  'resolve',
  // undo
  'remove-copy',
  'unlock-image',
  'restore-manifests',
] as const;
export type TracedStep = (typeof TRACED_STEPS)[number];
