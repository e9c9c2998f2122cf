/** The steps of a promotion, in the order in which they run. */

export const STEPS = [
  'plan',
  'verify-source',
  'gates',
  'approval',
  'lease',
  'admit',
  'import',
  'verify-digest',
  'copy-signatures',
  'verify-destination',
  'pullable',
  'lock-image',
  'apply-manifests',
  'roll-out',
  'prove-running',
  'health',
  'record',
] as const;

export type StepName = (typeof STEPS)[number];

/**
 * Steps before which pause, stop and abort must not take effect: they would leave an unverified copy in a registry
 * or a cluster that nobody has looked at.
 */
const INSIDE_A_PAIR: readonly StepName[] = [
  'verify-digest',
  'copy-signatures',
  'verify-destination',
  'roll-out',
  'prove-running',
];

/** True when the moment before `step` is a safe point. */
export function isSafePointBefore(step: StepName): boolean {
  return !INSIDE_A_PAIR.includes(step);
}
