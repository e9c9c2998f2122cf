/**
 * Where workers have to have died, by the test that kills them there. Whatever the contract has as a workflow, an update or a signal stands
 * in one of these lists (`test/unit/architecture/durability.test.ts`).
 */

const told = (workflow: string, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`${workflow}: begins ${name}`, `${workflow}: answers ${name}`]);
const heard = (workflow: string, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `${workflow}: hears ${name}`);
const done = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`before ${name}`, `after ${name}`]);

/** `kill.test.ts`: activities, each on both sides. */
export const STEPS = [
  'importImage',
  'lockImage',
  'applyManifests',
  'recordPromotion',
  'restoreManifests',
  'removeImage',
  'checkApproval',
  'keepEvidence',
] as const;

/** `messages.test.ts`: what people say to a release and a promotion, there and back, and what is told of it. */
export const WORDS: readonly string[] = [
  ...told('promotion', 'approve', 'reject', 'pause', 'resume', 'abort', 'retry', 'rollBack'),
  ...told('release', 'pause', 'resume', 'abort'),
  ...told('promotion of a roll-back', 'approve', 'reject', 'abort'),
  ...['notification', 'promotion'].map((name) => `rollback: starts ${name}`),
  ...done('checkApproval of a roll-back', 'admit of a roll-back'),
  ...heard('promotion', 'approve', 'reject', 'control'),
  ...['promotion: starts notification', 'release: starts notification', 'release: starts promotion'],
  ...done('notify', 'checkApproval', 'lockImage', 'admit'),
];

/** `desk.test.ts`: leases, stops, holds, overrides and roll-backs. */
export const TURNS: readonly string[] = [
  ...heard('environment', 'requestLease', 'returnLease', 'restrain'),
  ...told('environment', 'requestLease', 'restrain', 'lift'),
  ...['environment: says turn', 'environment: begins a new run', 'rollback: starts promotion'],
  ...heard('promotion', 'turn'),
  ...told('promotion', 'restraints', 'override'),
  ...done('requestLease', 'whoHasEnded', 'returnLease', 'restrain', 'checkOverride', 'admit', 'writeRestraints'),
  ...done(
    'tellRestraints',
    'recallEnvironment',
    'findKnownGood',
    'applyManifests of a roll-back',
    'admit of a roll-back',
  ),
];

/** `guardian.test.ts`: each look, what it says, and what it does. */
export const GUARDS: readonly string[] = [
  ...done('lookAfter', 'announce', 'restrain'),
  ...heard('guardian', 'guard', 'look'),
  ...told('guardian', 'check'),
  'guardian: starts rollback',
];

/** `rehearsing.test.ts`: each look, both roll-backs, and the lift at the end. */
export const REHEARSED: readonly string[] = [
  ...done('checkWayBack', 'checkAsItWas', 'lift'),
  'rehearsal: starts rollback',
];
