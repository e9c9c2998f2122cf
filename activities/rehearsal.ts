/** Trying the manifests on the cluster before anybody is asked: what it would refuse, what is there, and what would become of it. */
import { activityInfo } from '@temporalio/activity';
import type { No } from '../src/contract/activities.ts';
import type { PromotionPlan } from '../src/contract/plan.ts';
import type { ErrorCode } from '../src/domain/error-code.ts';
import { type ManifestObject, type ObjectRef, refOf } from '../src/domain/manifest-object.ts';
import type { TriedObject } from '../src/manifests/in-the-cluster.ts';
import type { AppliedObject } from '../src/ports/cluster.ts';
import { PortError } from '../src/ports/port-error.ts';
import { refusalOf } from './failures.ts';
import { readManifests } from './manifests.ts';
import { sourceOf, type Zone } from './zone.ts';

export interface Rehearsal {
  readonly ok: true;
  readonly objects: readonly ManifestObject[];
  /** Those of them that the cluster has already. */
  readonly existing: readonly ObjectRef[];
  /** What would become of each; or why that could not be found out. */
  readonly tried: readonly TriedObject[] | PortError;
}

/** The manifests' own fault, and the same at the next try: another version has to mend it, and nobody needs to be asked about this one. */
const REFUSED: readonly ErrorCode[] = ['manifest-rejected', 'admission-denied'];
/** Trouble that may be a blink is left to the retry of the activity for so many attempts; then the plan does without the comparison. */
const PATIENT_FOR = 3;

/** Schema, admission, rights and namespace are tried, and what stands there is read. Throws what a person has to mend in the cluster. */
export async function rehearse(zone: Zone, plan: PromotionPlan, signal: AbortSignal): Promise<Rehearsal | No> {
  const manifests = await readManifests(zone, sourceOf(zone, plan.source), plan);
  return manifests.ok ? tryOut(zone, plan, manifests.objects, signal) : manifests;
}

export async function tryOut(
  zone: Zone,
  plan: PromotionPlan,
  objects: readonly ManifestObject[],
  signal: AbortSignal,
): Promise<Rehearsal | No> {
  const refs = objects.map((one) => refOf(one, plan.namespace));
  const { cluster, sight } = zone.ports;
  const [applied, live] = await Promise.all([
    orError(cluster.apply(objects, plan.namespace, { dryRun: true, signal })),
    orError(sight.read(refs, signal)),
  ]);
  if (applied instanceof PortError && REFUSED.includes(applied.code)) return { ok: false, refusal: refusalOf(applied) };
  if (applied instanceof PortError && (isMended(applied) || live instanceof PortError)) throw applied;
  if (live instanceof PortError && live.retry !== 'no' && isEarly()) throw live;
  return { ok: true, objects, existing: existingOf(refs, applied, live), tried: triedOf(objects, applied, live) };
}

/** By a person in the cluster (rights, namespace, quota), or by time. */
function isMended({ code, retry }: PortError): boolean {
  return code !== 'dry-run-unsupported' && (retry === 'no' || isEarly());
}

/** Whether trouble is still left to the next attempt. */
export function isEarly(): boolean {
  return activityInfo().attempt <= PATIENT_FOR;
}

type Live = readonly (ManifestObject | undefined)[];

function existingOf(
  refs: readonly ObjectRef[],
  applied: readonly AppliedObject[] | PortError,
  live: Live | PortError,
): readonly ObjectRef[] {
  if (!(applied instanceof PortError)) return applied.filter((one) => !one.created).map((one) => one.ref);
  return live instanceof PortError ? [] : refs.filter((_, at) => live[at] !== undefined);
}

function triedOf(
  objects: readonly ManifestObject[],
  applied: readonly AppliedObject[] | PortError,
  live: Live | PortError,
): Rehearsal['tried'] {
  if (applied instanceof PortError) return applied;
  if (live instanceof PortError) return live;
  return objects.flatMap((stated, at) => {
    const then = applied[at]?.object;
    return then === undefined ? [] : [{ stated, live: live[at], then }];
  });
}

async function orError<Answer>(answer: Promise<Answer>): Promise<Answer | PortError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PortError) return error;
    throw error;
  }
}
