/** The activities of one environment, each beating, each in its own zone, each failing with a code. */
import type { EnvironmentActivities, StepRequest } from '../src/contract/activities.ts';
import { adopt } from './adopting/adopt.ts';
import { lookToAdopt } from './adopting/look.ts';
import { admit, mustBeAdmitted } from './admission.ts';
import { checkApproval } from './approvals.ts';
import { audit } from './audit.ts';
import { type Attempt, whileBeating } from './beating.ts';
import { applyManifests, proveRunning, restoreManifests, rollOut } from './cluster.ts';
import type { Imports } from './copies.ts';
import { failureOf, refusing, TOO_MUCH, wrongZone } from './failures.ts';
import { keepEvidence } from './evidence.ts';
import { lookAfter, type Suspicion } from './guard.ts';
import { checkGates, observeGates } from './gates.ts';
import { checkHealth } from './health.ts';
import { copySignatures, importImage, verifyDigest } from './imports.ts';
import { findKnownGood } from './known-good.ts';
import { lockImage, unlockImage } from './locks.ts';
import { checkOverride } from './overrides.ts';
import { observeCluster } from './observing/cluster.ts';
import { observeImage } from './observing/image.ts';
import { observeRegistry } from './observing/registry.ts';
import { makePlan, resolveImage } from './plan.ts';
import { checkPullable } from './pull.ts';
import { recallEnvironment } from './recall.ts';
import { recordPromotion } from './records.ts';
import { removeImage } from './removal.ts';
import { writeRestraints } from './restraints.ts';
import { verifySignatures } from './signatures.ts';
import { findSoaked } from './soaked.ts';
import { checkAsItWas, checkWayBack } from './way-back.ts';
import type { Zone } from './zone.ts';

export { createEngineActivities } from './journey.ts';
export type { Zone } from './zone.ts';

/** What `status` shows while an activity is under way; the last line wins. */
export interface Progress {
  readonly line: string;
}

type Addressed = { readonly environment: string } | { readonly plan: { readonly environment: string } };

export function createEnvironmentActivities(zone: Zone): EnvironmentActivities {
  /** Refuses requests for other zones, beats, and turns port errors into failures. */
  async function inZone<Result>(
    request: Addressed,
    work: (attempt: Attempt<unknown>) => Promise<Result>,
  ): Promise<Result> {
    const asked = 'plan' in request ? request.plan.environment : request.environment;
    if (asked !== zone.environment) {
      const failure = wrongZone(zone.environment, asked);
      audit(request, { code: 'environment-unknown', message: failure.message });
      throw failure;
    }
    try {
      return stamped(await whileBeating(work));
    } catch (error) {
      throw failureOf(error);
    }
  }
  /** For whatever changes something: only what this zone has let in may do that. */
  async function admitted<Result>(
    request: StepRequest,
    work: (attempt: Attempt<unknown>) => Promise<Result>,
    which?: { readonly evenIfEnded: boolean },
  ): Promise<Result> {
    return inZone(request, async (attempt) => {
      await mustBeAdmitted(zone, request, which);
      return work(attempt);
    });
  }
  /** The workflow's own clock stands still between its tasks, which after a crash may be a while. */
  function stamped<Result>(answer: Result): Result {
    const isYes = typeof answer === 'object' && answer !== null && 'summary' in answer;
    return isYes ? { ...answer, at: zone.now().toISOString() } : answer;
  }
  const progressOf = (attempt: Attempt<unknown>) => (line: string) => attempt.save({ line } satisfies Progress);

  return {
    resolveImage: (request) => inZone(request, () => resolveImage(zone, request)),
    planPromotion: (request) =>
      inZone(request, ({ signal }) => refusing(() => makePlan(zone, request, signal), TOO_MUCH)),
    checkApproval: (request) => inZone(request, () => checkApproval(zone, request)),
    checkOverride: (request) => inZone(request, () => checkOverride(zone, request)),
    findKnownGood: (request) => inZone(request, () => findKnownGood(zone, request)),
    checkWayBack: (request) => inZone(request, ({ signal }) => checkWayBack(zone, request, signal)),
    checkAsItWas: (request) => inZone(request, () => checkAsItWas(zone, request)),
    findSoaked: (request) => inZone(request, () => findSoaked(zone, request)),
    writeRestraints: (request) => inZone(request, () => writeRestraints(zone, request)),
    lookToAdopt: (request) => inZone(request, ({ signal }) => lookToAdopt(zone, request, signal)),
    adopt: (request) => inZone(request, ({ signal }) => adopt(zone, request, signal)),
    recallEnvironment: (request) => inZone(request, () => recallEnvironment(zone, request)),
    checkGates: (request) => inZone(request, () => checkGates(zone, request)),
    admit: (request) => inZone(request, ({ signal }) => admit(zone, request, signal)),
    verifySignatures: (request) => inZone(request, () => verifySignatures(zone, request)),
    importImage: (request) => admitted(request, (attempt) => importImage(zone, request, attempt as Attempt<Imports>)),
    verifyDigest: (request) => inZone(request, () => verifyDigest(zone, request)),
    copySignatures: (request) =>
      admitted(request, (attempt) => copySignatures(zone, request, attempt as Attempt<Imports>)),
    checkPullable: (request) => inZone(request, () => checkPullable(zone, request)),
    lockImage: (request) => admitted(request, () => lockImage(zone, request)),
    applyManifests: (request) => admitted(request, ({ signal }) => applyManifests(zone, request, signal)),
    rollOut: (request) => inZone(request, (attempt) => rollOut(zone, request, progressOf(attempt), attempt.signal)),
    proveRunning: (request) => inZone(request, () => proveRunning(zone, request)),
    checkHealth: (request) =>
      inZone(request, (attempt) => checkHealth(zone, request, progressOf(attempt), attempt.signal)),
    recordPromotion: (request) =>
      admitted(request, ({ signal }) => recordPromotion(zone, request, signal), { evenIfEnded: true }),
    keepEvidence: (request) => inZone(request, () => keepEvidence(zone, request)),
    lookAfter: (request) => inZone(request, (attempt) => lookAfter(zone, request, attempt as Attempt<Suspicion>)),
    observeImage: (request) => inZone(request, () => observeImage(zone, request)),
    observeGates: (request) => inZone(request, () => observeGates(zone, request)),
    observeRegistry: (request) => inZone(request, () => observeRegistry(zone, request)),
    observeCluster: (request) => inZone(request, ({ signal }) => observeCluster(zone, request, signal)),
    unlockImage: (request) => admitted(request, () => unlockImage(zone, request)),
    removeImage: (request) => admitted(request, () => removeImage(zone, request)),
    restoreManifests: (request) => admitted(request, ({ signal }) => restoreManifests(zone, request, signal)),
  };
}
