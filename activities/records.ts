/** What the environment remembers of a promotion that ended well: the next one's way back. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import type { PromotionRecord } from '../src/contract/plan.ts';
import { refOf } from '../src/domain/manifest-object.ts';
import { closeAdmission } from './admission.ts';
import { keep } from './known-good.ts';
import { readManifests } from './manifests.ts';
import { readRecord } from './remembered.ts';
import { yes, type Zone } from './zone.ts';

export async function recordPromotion(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan } = request;
  const known = await readRecord(zone, plan.namespace, plan.service);
  if (known?.workflowId === request.workflowId) return recorded(zone, request);
  const manifests = await readManifests(zone.ports.registry, plan, plan.manifests, plan.image.digest);
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
  await zone.ports.records.write('record', plan.namespace, plan.service, JSON.stringify(record));
  return recorded(zone, request);
}

async function recorded(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan } = request;
  await closeAdmission(zone, request);
  return yes(`${plan.environment} runs ${plan.service} ${plan.version}`, {
    environment: plan.environment,
    version: plan.version,
    digest: plan.image.digest,
  });
}
