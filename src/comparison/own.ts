/** Which of the recorded objects are a service's, by the names under which both sides know them. */
import type { ManifestObject } from '../domain/manifest-object.ts';
import { isDerived, nameOf } from './derived.ts';

/** A service, and where its objects are on each side. */
export interface Compared {
  readonly service: string;
  /** Kubernetes namespaces. */
  readonly legacyNamespace: string;
  readonly namespace: string;
  /** `deployment/iam`: what has to be there on both sides. */
  readonly workloads: readonly string[];
  /** Other services have objects in that namespace too: then only what is named or labelled after this one is its own. */
  readonly sharesNamespace: boolean;
}

export function own(
  one: Compared,
  namespace: string,
  objects: readonly ManifestObject[],
): ReadonlyMap<string, ManifestObject> {
  const found = objects
    .filter((object) => object.metadata.namespace === namespace && !isDerived(object, one.workloads))
    .map((object) => [nameOf(object), object] as const);
  return new Map(found.filter(([name, object]) => isOf(one, name, object)));
}

function isOf({ service, workloads, sharesNamespace }: Compared, name: string, object: ManifestObject): boolean {
  return !sharesNamespace || workloads.includes(name) || isNamedAfter(service, object);
}

/** By its labels; without any, by its own name. */
export function isNamedAfter(service: string, { metadata }: ManifestObject): boolean {
  const labels = (metadata['labels'] ?? {}) as Record<string, unknown>;
  const named = labels['app.kubernetes.io/part-of'] ?? labels['app.kubernetes.io/name'] ?? labels['app'];
  return named === undefined ? metadata.name === service : named === service;
}
