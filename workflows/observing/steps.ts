/** Which step an activity is of: undefined for those that are no step of anybody's journey. */
import type { Activities } from '../../src/contract/activities.ts';
import type { TracedStep } from '../../src/domain/traced-step.ts';

export interface Doing {
  readonly step: TracedStep;
  readonly undo: boolean;
}

const STEP_OF: Readonly<Partial<Record<keyof Activities, TracedStep>>> = {
  resolveImage: 'resolve',
  planPromotion: 'plan',
  checkGates: 'gates',
  checkApproval: 'approval',
  requestLease: 'lease',
  admit: 'admit',
  importImage: 'import',
  verifyDigest: 'verify-digest',
  copySignatures: 'copy-signatures',
  checkPullable: 'pullable',
  lockImage: 'lock-image',
  applyManifests: 'apply-manifests',
  rollOut: 'roll-out',
  proveRunning: 'prove-running',
  checkHealth: 'health',
  recordPromotion: 'record',
};

const UNDO_OF: Readonly<Partial<Record<keyof Activities, TracedStep>>> = {
  removeImage: 'remove-copy',
  unlockImage: 'unlock-image',
  restoreManifests: 'restore-manifests',
};

export function doingOf(activity: string, request: unknown): Doing | undefined {
  const name = activity as keyof Activities;
  const { at, to } = (request ?? {}) as { readonly at?: string; readonly to?: string };
  if (name === 'verifySignatures')
    return { step: at === 'source' ? 'verify-source' : 'verify-destination', undo: false };
  const undone = UNDO_OF[name];
  if (undone !== undefined) return { step: undone, undo: true };
  const step = STEP_OF[name];
  return step === undefined ? undefined : { step, undo: to === 'previous' };
}
