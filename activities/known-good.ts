/** Versions that ran well in an environment, newest first: where a roll-back may go. */
import type { KnownGoodAnswer, KnownGoodRequest } from '../src/contract/activities.ts';
import type { KnownGood, PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { serviceOf } from '../src/policy/journey-policy.ts';
import { readRecord } from './remembered.ts';
import type { Zone } from './zone.ts';

/** Older ones may have been removed from the registry. */
const KEPT = 10;

export async function findKnownGood(zone: Zone, { service: name, to }: KnownGoodRequest): Promise<KnownGoodAnswer> {
  const service = serviceOf(zone.rulebook, name);
  if (!service.ok) return service;
  const namespace = namespaceOf(service.value, zone.environment);
  const [current, history] = await Promise.all([readRecord(zone, namespace, name), readHistory(zone, namespace, name)]);
  const others = history.filter((one) => one.image.digest !== current?.image.digest);
  const known = to === undefined ? others[0] : others.find((one) => one.version === to);
  if (known !== undefined) return { ok: true, known };
  return { ok: false, refusal: nothingKnown(zone.environment, name, to, others, current?.version) };
}

/** Remembers what is about to be recorded as well. Written before the record: whoever comes twice finds it there. */
export async function keep(zone: Zone, record: PromotionRecord, namespace: string): Promise<void> {
  const { service, version, image, manifests, since } = record;
  const history = await readHistory(zone, namespace, service);
  if (history[0]?.version === version && history[0].image.digest === image.digest) return;
  const before = history.filter((one) => one.version !== version);
  const kept = [{ version, image, manifests, since }, ...before].slice(0, KEPT);
  await zone.ports.records.write('history', namespace, service, JSON.stringify(kept));
}

/** The zone's own memory decides what a roll-back is: anything else is a new version and passes the gates. */
export async function rollbackRefusal(zone: Zone, plan: PromotionPlan): Promise<Refusal | undefined> {
  const history = await readHistory(zone, plan.namespace, plan.service);
  const isKnown = history.some(
    (one) => one.version === plan.version && one.image.digest === plan.image.digest && one.manifests === plan.manifests,
  );
  return isKnown ? undefined : nothingKnown(plan.environment, plan.service, plan.version, history, undefined);
}

async function readHistory(zone: Zone, namespace: string, service: string): Promise<readonly KnownGood[]> {
  const text = await zone.ports.records.read('history', namespace, service);
  return text === undefined ? [] : (JSON.parse(text) as readonly KnownGood[]);
}

function nothingKnown(
  environment: string,
  service: string,
  to: string | undefined,
  known: readonly KnownGood[],
  current: string | undefined,
): Refusal {
  const versions = known.map((one) => one.version);
  const what = to === undefined ? 'nothing else' : `${to} never`;
  return {
    code: 'rollback-impossible',
    message: `${what} ran well in ${environment} that ${service} could go back to`,
    expected: versions.length === 0 ? 'a version that ran well there before' : `one of: ${versions.join(', ')}`,
    got: to ?? (current === undefined ? 'nothing runs there' : `${current} is the first one`),
    remedy: 'release a version that mends it ("sluice start … --hot-fix")',
  };
}
