/** What runs somewhere before the rehearsal starts: a stand-in of that version with the same manifests, so that there is a way back. */
import type { PromotionRecord } from '../contract/plan.ts';
import { promotionId } from '../contract/workflow-ids.ts';
import { digestOf } from '../content/digest-of.ts';
import { namespaceOf, type ServiceRules } from '../domain/rulebook.ts';
import type { PackedManifests } from '../manifests/artefact.ts';
import { standIn } from './stand-in.ts';
import type { RehearsalWorld } from './world.ts';

/** `since`: ISO 8601. */
export interface Settled {
  readonly environment: string;
  readonly version: string;
  readonly since: string;
}

export async function settle(
  { zones, registries }: RehearsalWorld,
  service: ServiceRules,
  { environment, version, since }: Settled,
  packed: PackedManifests,
): Promise<void> {
  const { name, repository } = service;
  const image = standIn(name, version);
  const digest = registries.push(environment, repository, image);
  const subject = { digest, mediaType: image.mediaType, size: image.manifest.byteLength };
  const manifests = referringTo(packed, subject);
  await registries.registry(environment).publisher.publish(repository, manifests);
  const record: PromotionRecord = {
    format: 1,
    ...{
      service: name,
      version,
      image: { repository, digest },
      manifests: manifests.manifestDigest,
      objects: [],
      since,
    },
    workflowId: promotionId(name, version, environment),
    approvedBy: [],
    requestedBy: 'rehearsal',
  };
  const zone = zones.find((one) => one.environment === environment);
  await zone?.ports.records.write('record', namespaceOf(service, environment), name, JSON.stringify(record));
}

function referringTo(packed: PackedManifests, subject: object): PackedManifests {
  const manifest = { ...(JSON.parse(Buffer.from(packed.manifest).toString('utf8')) as object), subject };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { ...packed, manifest: bytes, manifestDigest: digestOf(bytes) };
}
