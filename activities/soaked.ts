/** What this environment says to a promotion into the next one: whether a version has been healthy here, and since when. */
import type { SoakedRequest } from '../src/contract/activities.ts';
import type { KnownGood } from '../src/contract/plan.ts';
import type { Soaked } from '../src/domain/gate.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { serviceOf } from '../src/policy/journey-policy.ts';
import { readHistory } from './known-good.ts';
import { readRecord } from './remembered.ts';
import type { Zone } from './zone.ts';

/** From the zone's own memory; only looks. */
export async function findSoaked(zone: Zone, { service: name, version, digest }: SoakedRequest): Promise<Soaked> {
  const { environment } = zone;
  const service = serviceOf(zone.rulebook, name);
  if (!service.ok) return { environment, unknown: service.refusal.message };
  const namespace = namespaceOf(service.value, environment);
  const [record, history] = await Promise.all([readRecord(zone, namespace, name), readHistory(zone, namespace, name)]);
  if (record === undefined) return { environment };
  const { image, since } = record;
  const running = { environment, version: record.version, digest: image.digest, since };
  const place = history.findIndex((one) => one.version === version && one.image.digest === digest);
  const known = history[place];
  if (known?.rolledBackAt !== undefined) {
    return { environment, running, since: beganAt(known), rolledBackAt: known.rolledBackAt };
  }
  if (image.digest === digest) return { environment, running, since };
  if (known === undefined) return { environment, running };
  const followedAt = followed(history.slice(0, place), known);
  return { environment, running, since: beganAt(known), ...(followedAt === undefined ? {} : { followedAt }) };
}

/** What was taken away in between has not been healthy all the while. */
function beganAt({ since, broughtBackAt }: KnownGood): string {
  return broughtBackAt ?? since;
}

/** When the first of those that are newer took its place; one that was taken away while this one was brought back came before that. */
function followed(newer: readonly KnownGood[], known: KnownGood): string | undefined {
  return newer.findLast(({ since }) => since > beganAt(known))?.since;
}
