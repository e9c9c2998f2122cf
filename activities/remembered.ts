/** What the environment's own memory says of the last promotion that ended well. */
import type { PromotionRecord } from '../src/contract/plan.ts';
import { parseDigest } from '../src/domain/digest.ts';
import type { Zone } from './zone.ts';

/** Undefined: none ever did. Throws `digest-malformed` when somebody has written something else there. */
export async function readRecord(zone: Zone, namespace: string, service: string): Promise<PromotionRecord | undefined> {
  const text = await zone.ports.records.read('record', namespace, service);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as PromotionRecord;
  parseDigest(record.image.digest);
  parseDigest(record.manifests);
  return record;
}
