/** Both sides of every service, however they were found: what stands there, in which order it came, how long it took. */
import { compareService, type ServiceAnswer, sideOf, unusedOf } from '../../comparison/compare.ts';
import { compareDurations, type DurationAnswer, type Took } from '../../comparison/duration.ts';
import type { Ignored } from '../../comparison/ignored.ts';
import { compareOrder, type OrderAnswer } from '../../comparison/order.ts';
import { type Compared, own } from '../../comparison/own.ts';
import type { Problem } from '../../domain/error-code.ts';
import { groupOf } from '../../domain/kinds.ts';
import type { ManifestObject } from '../../domain/manifest-object.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
import type { UnreadKind } from '../../ports/cluster-inventory.ts';

/** All objects of a side, with where they are from in words: "legacy.json", "cluster of staging". */
export interface FoundSide {
  readonly from: string;
  readonly objects: readonly ManifestObject[];
  /** Kinds that nobody could read there; absent: it is a list that somebody has recorded. */
  readonly unread?: readonly UnreadKind[];
  /** The objects are as manifests state them, and stand in no cluster. */
  readonly isStated?: boolean;
}

export interface Asked {
  /** ISO 8601: now. */
  readonly at: string;
  readonly environment: string;
  readonly services: readonly ServiceRules[];
  /** Where legacy has all of them; undefined: in the namespaces in which Sluice has them. */
  readonly legacyNamespace?: string | undefined;
  readonly ignored: readonly Ignored[];
  readonly toleranceMs: number;
  /** How long whole runs took, by service. */
  readonly took: (service: string) => Took;
}

export interface ServiceComparison extends ServiceAnswer {
  readonly order: OrderAnswer;
  readonly durations: readonly DurationAnswer[];
}

export interface Comparison {
  /** ISO 8601: when it was compared; what was recorded may be older. */
  readonly at: string;
  readonly environment: string;
  readonly legacy: string;
  readonly sluice: string;
  readonly services: readonly ServiceComparison[];
  /** What of `--ignore` has covered nothing. */
  readonly unused: readonly Ignored[];
  /** What could not be read of either side, and why. */
  readonly notes: readonly string[];
}

export function compareServices(asked: Asked, legacy: FoundSide, sluice: FoundSide): Comparison {
  const unread = [legacy, sluice].flatMap((side) => side.unread ?? []);
  const isRead = ({ apiVersion, kind }: ManifestObject) =>
    !unread.some((one) => one.group === groupOf(apiVersion) && (one.kind === undefined || one.kind === kind));
  const [were, are] = [legacy.objects.filter(isRead), sluice.objects.filter(isRead)];
  const [old, now] = [sideOf(were), sideOf(are, sluice.isStated)];
  const services = comparedIn(asked).map((one): ServiceComparison => {
    const before = { own: own(one, one.legacyNamespace, were), all: were };
    const after = { own: own(one, one.namespace, are), all: are };
    return {
      ...compareService(one, old, now, asked.ignored),
      order: compareOrder(before.own, after.own, were),
      durations: compareDurations(before, after, asked.took(one.service), asked.toleranceMs),
    };
  });
  const { at, environment, ignored } = asked;
  const notes = [legacy, sluice].flatMap(leftOut);
  return {
    at,
    environment,
    legacy: legacy.from,
    sluice: sluice.from,
    services,
    unused: unusedOf(ignored, services),
    notes,
  };
}

/** One line for each reason: who may read little would be told thirty times. */
function leftOut({ from, unread = [] }: FoundSide): readonly string[] {
  const reasons = [...new Set(unread.map(({ code }) => code))];
  return reasons.map((code) => {
    const those = unread.filter((one) => one.code === code);
    const names = [...new Set(those.map(({ name }) => name))].join(', ');
    return `left out on both sides, for ${from} does not tell: ${names} (${code}: ${those[0]?.why})`;
  });
}

function comparedIn({ environment, services, legacyNamespace }: Asked): readonly Compared[] {
  const namespaces = services.map((one) => namespaceOf(one, environment));
  return services.map(({ name, workloads }, at) => {
    const namespace = namespaces[at] ?? '';
    const isShared = namespaces.some((place, other) => other !== at && place === namespace);
    return {
      ...{ service: name, workloads, namespace, legacyNamespace: legacyNamespace ?? namespace },
      sharesNamespace: services.length > 1 && (legacyNamespace !== undefined || isShared),
    };
  });
}

/** A list of another namespace would have everything missing: that is a mistake, and no answer. */
export function foreignLists(
  asked: Pick<Asked, 'environment' | 'services' | 'legacyNamespace'>,
  legacy: FoundSide,
  sluice: FoundSide,
): readonly Problem[] {
  const namespaces = asked.services.map((one) => namespaceOf(one, asked.environment));
  const old = asked.legacyNamespace === undefined ? namespaces : [asked.legacyNamespace];
  return [...foreignList(legacy, old), ...foreignList(sluice, namespaces)];
}

function foreignList({ from, objects }: FoundSide, namespaces: readonly string[]): readonly Problem[] {
  const there = [...new Set(objects.map(({ metadata }) => metadata.namespace ?? 'no namespace'))];
  if (there.some((one) => namespaces.includes(one)) || namespaces.length === 0) return [];
  const wanted = [...new Set(namespaces)].join(', ');
  const message = `has nothing in ${wanted}; it has objects of ${there.join(', ') || 'no namespace at all'}`;
  return [{ where: from, message, remedy: 'record those namespaces, or name the old one with --legacy-namespace' }];
}
