/** Deleting objects and seeing them gone, with everything that they own. */
import { type ObjectRef, formatRef } from '../../../domain/manifest-object.ts';
import type { ApiClient } from './api-client.ts';
import type { Discovery, Resource } from './discovery.ts';
import { follow } from './follow.ts';
import type { ApiStatus, KubernetesObject } from './kubernetes-objects.ts';

const NOT_FOUND = 404;
/** The object stays visible until its dependents are gone, so that "gone" includes ReplicaSets and pods. */
const FOREGROUND = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };

/** In reverse order of the set, waiting for all of them. What is not there, or of a kind nobody serves any more, counts as gone. */
export async function removeAll(
  api: ApiClient,
  discovery: Discovery,
  objects: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (const ref of objects.toReversed()) {
    const resource = await discovery.resourceOf(ref.apiVersion, ref.kind, signal);
    if (resource === undefined || !resource.namespaced) continue;
    const uid = await requestDeletion(api, resource, ref, signal);
    if (uid === undefined) continue;
    const gone = untilGone(api, resource, ref, uid, signal);
    // Heard below; until then a failure must not count as unheard.
    gone.catch(() => undefined);
    waiting.push(gone);
  }
  await Promise.all(waiting);
}

/** The uid of what is going away; undefined: there was nothing. */
async function requestDeletion(
  api: ApiClient,
  resource: Resource,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, body } = await api.call(
    {
      method: 'DELETE',
      path: `${resource.collection(ref.namespace)}/${encodeURIComponent(ref.name)}`,
      body: JSON.stringify(FOREGROUND),
      asked: askedFor('delete', resource, ref),
      signal,
    },
    [NOT_FOUND],
  );
  if (code === NOT_FOUND) return undefined;
  // A Status says that it is gone already, an object that it still has finalizers.
  return (body as ApiStatus).kind === 'Status' ? undefined : (body as KubernetesObject).metadata.uid;
}

async function untilGone(
  api: ApiClient,
  resource: Resource,
  ref: ObjectRef,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const { verb: _, ...asked } = askedFor('watch', resource, ref);
  await follow<KubernetesObject>(
    api,
    { path: resource.collection(ref.namespace), query: { fieldSelector: `metadata.name=${ref.name}` }, asked },
    {
      replace: (items) => {
        if (!items.some((one) => one.metadata.uid === uid)) done.abort();
      },
      change: (kind, object) => {
        if (kind === 'DELETED' && object.metadata.uid === uid) done.abort();
      },
      lost: () => undefined,
      found: () => undefined,
    },
    AbortSignal.any([signal, done.signal]),
  );
  signal.throwIfAborted();
}

function askedFor(
  verb: string,
  resource: Resource,
  ref: ObjectRef,
): { verb: string; resource: string; namespace: string; what: string } {
  return { verb, resource: resource.name, namespace: ref.namespace, what: formatRef(ref) };
}
