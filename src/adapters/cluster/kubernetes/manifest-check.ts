/** What every cluster says no to before it is even asked: an object without identity, or one for another namespace. */
import { type ManifestObject, formatRef, refOf } from '../../../domain/manifest-object.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ObjectProblem } from './problem-set.ts';

/** All problems of the set that need no cluster to be seen. */
export function problemsWithoutCluster(objects: readonly ManifestObject[], namespace: string): ObjectProblem[] {
  const seen = new Set<string>();
  return objects.flatMap((object, at): ObjectProblem[] => {
    const where = nameFor(object, namespace, at);
    const why = problemOf(object, namespace, seen);
    return why === undefined ? [] : [{ where, error: rejected(where, why) }];
  });
}

function problemOf(object: ManifestObject, namespace: string, seen: Set<string>): string | undefined {
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') return 'apiVersion or kind is missing';
  if (typeof object.metadata?.name !== 'string' || object.metadata.name === '') return 'metadata.name is missing';
  const own = object.metadata.namespace;
  if (own !== undefined && own !== namespace) return `it names namespace "${own}", the service lives in "${namespace}"`;
  const key = `${object.apiVersion} ${object.kind} ${object.metadata.name}`;
  if (seen.has(key)) return 'it occurs twice in the set';
  seen.add(key);
  return undefined;
}

function nameFor(object: ManifestObject, namespace: string, at: number): string {
  const complete = typeof object.kind === 'string' && typeof object.metadata?.name === 'string';
  return complete ? formatRef(refOf(object, namespace)) : `object ${at + 1}`;
}

export function rejected(where: string, why: string): PortError {
  return new PortError('manifest-rejected', `${where}: ${why}`, {
    retry: 'no',
    remedy: `correct ${where} in the manifests and start a new version`,
  });
}
