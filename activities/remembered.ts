/** What the environment's own memory says: of the last promotion that ended well, and of whom it let in last. */
import type { Admission, PromotionRecord } from '../src/contract/plan.ts';
import { parseDigest } from '../src/domain/digest.ts';
import type { Zone } from './zone.ts';

/** What the zone has written down itself; undefined: it never has. */
export function parsed<Written>(text: string | undefined): Written | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Written);
}

/** Undefined: nobody was ever let in. */
export async function readAdmission(zone: Zone, namespace: string, service: string): Promise<Admission | undefined> {
  return parsed<Admission>(await zone.ports.records.read('admission', namespace, service));
}

/** Undefined: none ever did. Throws `digest-malformed` when somebody has written something else there. */
export async function readRecord(zone: Zone, namespace: string, service: string): Promise<PromotionRecord | undefined> {
  const record = parsed<PromotionRecord>(await zone.ports.records.read('record', namespace, service));
  if (record === undefined) return undefined;
  parseDigest(record.image.digest);
  parseDigest(record.manifests);
  return record;
}
