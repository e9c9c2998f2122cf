/** Both sides of every service, however they were found: what stands there, in which order it came, how long it took. */
import { compareService, type ServiceAnswer, sideOf, unusedOf } from '../../comparison/compare.ts';
import { compareDurations, type DurationAnswer, type Took } from '../../comparison/duration.ts';
import type { Ignored } from '../../comparison/ignored.ts';
import { compareOrder, type OrderAnswer } from '../../comparison/order.ts';
import { type Compared, own } from '../../comparison/own.ts';
import type { Problem } from '../../domain/error-code.ts';
import type { ManifestObject } from '../../domain/manifest-object.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';

/** All objects of a side, with where they are from in words: "legacy.json", "cluster of staging". */
export interface FoundSide {
  readonly from: string;
  readonly objects: readonly ManifestObject[];
}

export interface Asked {
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
  readonly environment: string;
  readonly legacy: string;
  readonly sluice: string;
  readonly services: readonly ServiceComparison[];
  /** What of `--ignore` has covered nothing. */
  readonly unused: readonly Ignored[];
}

export function compareServices(asked: Asked, legacy: FoundSide, sluice: FoundSide): Comparison {
  const [old, now] = [sideOf(legacy.objects), sideOf(sluice.objects)];
  const services = comparedIn(asked).map((one): ServiceComparison => {
    const before = { own: own(one, one.legacyNamespace, legacy.objects), all: legacy.objects };
    const after = { own: own(one, one.namespace, sluice.objects), all: sluice.objects };
    return {
      ...compareService(one, old, now, asked.ignored),
      order: compareOrder(before.own, after.own, legacy.objects),
      durations: compareDurations(before, after, asked.took(one.service), asked.toleranceMs),
    };
  });
  const { environment, ignored } = asked;
  return { environment, legacy: legacy.from, sluice: sluice.from, services, unused: unusedOf(ignored, services) };
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
