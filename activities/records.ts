/** What the environment remembers of a promotion that ended well, the next one's way back; and its signed form, for everybody else. */
import type { RecordRequest, StepAnswer, StepRequest } from '../src/contract/activities.ts';
import type { PromotionRecord } from '../src/contract/plan.ts';
import { shortDigest } from '../src/domain/digest.ts';
import { refOf } from '../src/domain/manifest-object.ts';
import { closeAdmission } from './admission.ts';
import { keep } from './known-good.ts';
import { readApplied } from './manifests.ts';
import { readRecord } from './remembered.ts';
import { attachRecord } from './signed-records.ts';
import { no, yes, type Zone } from './zone.ts';

export async function recordPromotion(zone: Zone, request: RecordRequest, signal: AbortSignal): Promise<StepAnswer> {
  const remembered = await remember(zone, request);
  if (!remembered.ok) return remembered;
  const { record } = remembered;
  const signed = await attachRecord(zone, request, record, signal);
  if (signed?.ok === false) return no(signed.refusal);
  const { environment, service, version, image, namespace } = request.plan;
  if (signed !== undefined && record.signed !== signed.digest)
    await write(zone, namespace, { ...record, signed: signed.digest });
  await closeAdmission(zone, request);
  const runs = `${environment} runs ${service} ${version}`;
  const facts = { environment, version, digest: image.digest };
  if (signed === undefined) return yes(`${runs}; no signed record, it has no key for one`, facts);
  return yes(`${runs}; signed record ${shortDigest(signed.digest)}`, { ...facts, record: signed.digest });
}

type Remembered = { readonly ok: true; readonly record: PromotionRecord } | (StepAnswer & { readonly ok: false });

/** Twice is once: the first time counts. */
async function remember(zone: Zone, request: StepRequest): Promise<Remembered> {
  const { plan } = request;
  const known = await readRecord(zone, plan.namespace, plan.service);
  if (known?.workflowId === request.workflowId) return { ok: true, record: known };
  const manifests = await readApplied(zone.ports.registry, plan, plan);
  if (!manifests.ok) return manifests;
  const record: PromotionRecord = {
    format: 1,
    service: plan.service,
    version: plan.version,
    image: plan.image,
    manifests: plan.manifests,
    objects: manifests.objects.map((one) => refOf(one, plan.namespace)),
    since: zone.now().toISOString(),
    workflowId: request.workflowId,
    approvedBy: request.approvals.map((one) => one.approver),
    requestedBy: request.requestedBy,
  };
  await keep(zone, record, plan, known);
  await write(zone, plan.namespace, record);
  return { ok: true, record };
}

function write(zone: Zone, namespace: string, record: PromotionRecord): Promise<void> {
  return zone.ports.records.write('record', namespace, record.service, JSON.stringify(record));
}
