/** What the environment remembers of a promotion that ended well, the next one's way back; and its signed form, for everybody else. */
import type { RecordRequest, StepAnswer, StepRequest } from '../src/contract/activities.ts';
import type { PromotionRecord } from '../src/contract/plan.ts';
import { shortDigest } from '../src/domain/digest.ts';
import { type ObjectRef, refOf } from '../src/domain/manifest-object.ts';
import { closeAdmission } from './admission.ts';
import { keep } from './known-good.ts';
import { readApplied } from './manifests.ts';
import { readRecord } from './remembered.ts';
import { attachRecord } from './signed-records.ts';
import { no, yes, type Zone } from './zone.ts';

/** Signed before it is remembered: what cannot be signed may still be undone, and must not be what the next promotion goes back to. */
export async function recordPromotion(zone: Zone, request: RecordRequest, signal: AbortSignal): Promise<StepAnswer> {
  const { plan } = request;
  const known = await readRecord(zone, plan.namespace, plan.service);
  const isKnown = known?.workflowId === request.workflowId;
  const applied = isKnown ? { ok: true as const, objects: known.objects } : await appliedObjects(zone, request);
  if (!applied.ok) return applied;
  const signed = await attachRecord(zone, request, signal);
  if (signed?.ok === false) return no(signed.refusal);
  const signature = signed === undefined ? {} : { signed: signed.digest };
  if (!isKnown) {
    const since = signed?.promotedAt ?? zone.now().toISOString();
    const record = { ...recordOf(request, applied.objects, since), ...signature };
    await keep(zone, record, plan, known);
    await write(zone, plan.namespace, record);
  } else if (known.signed !== signed?.digest) {
    await write(zone, plan.namespace, { ...known, ...signature });
  }
  await closeAdmission(zone, request);
  return recorded(request, signed?.digest);
}

async function appliedObjects(
  zone: Zone,
  { plan }: StepRequest,
): Promise<{ readonly ok: true; readonly objects: readonly ObjectRef[] } | (StepAnswer & { readonly ok: false })> {
  const manifests = await readApplied(zone.ports.registry, plan, plan);
  if (!manifests.ok) return manifests;
  return { ok: true, objects: manifests.objects.map((one) => refOf(one, plan.namespace)) };
}

function recordOf(
  { plan, workflowId, approvals, requestedBy }: StepRequest,
  objects: readonly ObjectRef[],
  since: string,
): PromotionRecord {
  const { service, version, image, manifests } = plan;
  const approvedBy = approvals.map((one) => one.approver);
  return { format: 1, service, version, image, manifests, objects, since, workflowId, approvedBy, requestedBy };
}

function write(zone: Zone, namespace: string, record: PromotionRecord): Promise<void> {
  return zone.ports.records.write('record', namespace, record.service, JSON.stringify(record));
}

function recorded({ plan }: StepRequest, signed: string | undefined): StepAnswer {
  const { environment, service, version, image } = plan;
  const runs = `${environment} runs ${service} ${version}`;
  const facts = { environment, version, digest: image.digest };
  if (signed === undefined) return yes(`${runs}; no signed record, it has no key for one`, facts);
  return yes(`${runs}; signed record ${shortDigest(signed)}`, { ...facts, record: signed });
}
