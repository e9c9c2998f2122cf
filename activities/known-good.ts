/**
 * Versions that ran well in an environment, in the order in which they entered it first, newest first: where a roll-back may go. What a
 * roll-back took away stays among them, marked: it is gone back to when it is named, never by itself.
 */
import type { KnownGoodAnswer, KnownGoodRequest, PlanRequest } from '../src/contract/activities.ts';
import type { KnownGood, PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { serviceOf } from '../src/policy/journey-policy.ts';
import { insideOf } from './recall.ts';
import { parsed, readAdmission, readRecord } from './remembered.ts';
import type { Zone } from './zone.ts';

/** Older ones may have been removed from the registry. As many again that were taken away: they push nothing out that may be gone back to. */
const KEPT = 10;

export async function findKnownGood(zone: Zone, { service: name, to }: KnownGoodRequest): Promise<KnownGoodAnswer> {
  const service = serviceOf(zone.rulebook, name);
  if (!service.ok) return service;
  const namespace = namespaceOf(service.value, zone.environment);
  const [current, history, admission] = await Promise.all([
    readRecord(zone, namespace, name),
    readHistory(zone, namespace, name),
    readAdmission(zone, namespace, name),
  ]);
  const others = history.filter((one) => !isSame(one, current));
  const known = to === undefined ? olderThan(current, history) : others.find((one) => one.version === to);
  const [inside] = insideOf(name, admission);
  const entering = inside === undefined ? {} : { inside };
  if (known !== undefined)
    return { ok: true, known, ...(current === undefined ? {} : { current: current.version }), ...entering };
  const refusal = nothingKnown(zone.environment, name, to, others, current?.version);
  return { ok: false, refusal: runsThere(refusal, zone.environment, to, history, current) ?? refusal, ...entering };
}

/** Two versions of the same image and manifests are one as far as an environment is concerned. */
function runsThere(
  refusal: Refusal,
  environment: string,
  to: string | undefined,
  history: readonly KnownGood[],
  current: PromotionRecord | undefined,
): Refusal | undefined {
  if (to === undefined || current === undefined) return undefined;
  if (to === current.version) return { ...refusal, message: `${to} is what runs in ${environment}` };
  if (!history.some((one) => one.version === to && isSame(one, current))) return undefined;
  const message = `${to} is what runs in ${environment}: ${current.version} has the same image and manifests`;
  return { ...refusal, message };
}

/** Remembers what is about to be recorded as well. Written before the record: whoever comes twice finds it there. */
export async function keep(
  zone: Zone,
  record: PromotionRecord,
  { namespace, rollback, rehearsal }: Pick<PromotionPlan, 'namespace' | 'rollback' | 'rehearsal'>,
  current: PromotionRecord | undefined,
): Promise<void> {
  const { service, since } = record;
  await zone.ports.records.change('history', namespace, service, (known) => {
    const before = parsed<readonly KnownGood[]>(known) ?? [];
    const went = rehearsal === true ? wentInRehearsal(before, record, since) : wentBack(before, record, current, since);
    const after = rollback === true ? went : entered(before, record);
    const text = JSON.stringify(shortened(after));
    return text === JSON.stringify(before) ? undefined : text;
  });
}

/** The zone's own memory decides what a roll-back is: anything else is a new version and passes the gates. */
export async function knownForRollback(
  zone: Zone,
  namespace: string,
  asked: Pick<PlanRequest, 'service' | 'version' | 'image' | 'manifests'>,
): Promise<KnownGoodAnswer> {
  const history = await readHistory(zone, namespace, asked.service);
  const known = history.find((one) => one.version === asked.version && isSame(one, asked));
  if (known !== undefined) return { ok: true, known };
  return { ok: false, refusal: nothingKnown(zone.environment, asked.service, asked.version, history, undefined) };
}

type Content = Pick<KnownGood, 'image' | 'manifests'>;

/** A version that changed nothing but its manifests has the digest of the one before. */
function isSame(one: Content, other: Content | undefined): boolean {
  return one.image.digest === other?.image.digest && one.manifests === other.manifests;
}

/** What ran well before the present one: neither newer nor taken away since. */
function olderThan(current: PromotionRecord | undefined, history: readonly KnownGood[]): KnownGood | undefined {
  const place = history.findIndex((one) => one.version === current?.version && isSame(one, current));
  return history.slice(place + 1).find((one) => one.rolledBackAt === undefined && !isSame(one, current));
}

function entered(history: readonly KnownGood[], record: PromotionRecord): readonly KnownGood[] {
  const { version, image, manifests, since } = record;
  const [newest] = history;
  if (newest?.version === version && newest.rolledBackAt === undefined && isSame(newest, record)) return history;
  return [{ version, image, manifests, since }, ...history.filter((one) => one.version !== version)];
}

/** Whatever entered after it is taken away with the present one; what is brought back is good again, in its old place. */
function wentBack(
  history: readonly KnownGood[],
  target: PromotionRecord,
  current: PromotionRecord | undefined,
  at: string,
): readonly KnownGood[] {
  const place = history.findIndex((one) => one.version === target.version);
  return history.map((one, index) => {
    const { rolledBackAt, ...good } = one;
    if (index === place) return { ...good, broughtBackAt: at };
    const isTaken = index < place || (one.version === current?.version && current.version !== target.version);
    return isTaken ? { ...good, rolledBackAt: rolledBackAt ?? at } : one;
  });
}

/** Neither is anything taken away, nor does what was taken away before become good again. */
function wentInRehearsal(history: readonly KnownGood[], target: PromotionRecord, at: string): readonly KnownGood[] {
  return history.map((one) => (one.version === target.version ? { ...one, broughtBackAt: at } : one));
}

function shortened(history: readonly KnownGood[]): readonly KnownGood[] {
  const good = history.filter((one) => one.rolledBackAt === undefined).slice(0, KEPT);
  const taken = history.filter((one) => one.rolledBackAt !== undefined).slice(0, KEPT);
  return history.filter((one) => good.includes(one) || taken.includes(one));
}

export async function readHistory(zone: Zone, namespace: string, service: string): Promise<readonly KnownGood[]> {
  return parsed<readonly KnownGood[]>(await zone.ports.records.read('history', namespace, service)) ?? [];
}

const BEFORE = ' (rolled back before)';

function nothingKnown(
  environment: string,
  service: string,
  to: string | undefined,
  known: readonly KnownGood[],
  current: string | undefined,
): Refusal {
  const versions = known.map((one) => (one.rolledBackAt === undefined ? one.version : `${one.version}${BEFORE}`));
  const named = versions.length === 0 ? 'a version that ran well there before' : `one of: ${versions.join(', ')}`;
  const nothing = `nothing else ran well in ${environment} that ${service} could go back to`;
  return {
    code: 'rollback-impossible',
    message: to === undefined ? nothing : `${to} of ${service} is not known to have run well in ${environment}`,
    expected: to === undefined && versions.length > 0 ? `--to ${named}` : named,
    got: to ?? (current === undefined ? 'nothing runs there' : `nothing is older than ${current}`),
    remedy: 'release a version that mends it ("sluice start … --hot-fix")',
  };
}
