/** What stands there now: each workload with its pods, and every other object by its name. */
import { type ManifestObject, type ObjectRef, formatRef } from '../../../domain/manifest-object.ts';
import type { ClusterSight, SightRequest, StandingWorkload } from '../../../ports/cluster-sight.ts';
import type { ApiClient } from './api-client.ts';
import type { Discovery } from './discovery.ts';
import { lookOnce } from './look-once.ts';
import { templateImages } from './pod-template.ts';
import { runningPodsOf } from './running-pods.ts';
import { parseWorkload } from './workload-name.ts';

const NOT_FOUND = 404;

export function createSight(api: ApiClient, discovery: Discovery): ClusterSight {
  return {
    async look(request, signal) {
      const workloads = await Promise.all(request.workloads.map((one) => standing(api, request, one, signal)));
      const missing: ObjectRef[] = [];
      // one after the other: nobody waits for it, and the API server has others to answer
      for (const ref of request.objects)
        if ((await readOne(api, discovery, ref, signal)) === undefined) missing.push(ref);
      return { workloads: workloads.filter((one) => one !== undefined), missing };
    },
    async read(objects, signal) {
      signal.throwIfAborted();
      return Promise.all(objects.map((ref) => readOne(api, discovery, ref, signal)));
    },
  };
}

async function standing(
  api: ApiClient,
  { namespace, image }: SightRequest,
  workload: string,
  signal: AbortSignal,
): Promise<StandingWorkload | undefined> {
  const parts = await lookOnce(api, namespace, parseWorkload(workload), signal);
  if (parts === undefined) return undefined;
  const images = templateImages(parts.object.spec.template);
  return { workload, images, pods: runningPodsOf(parts, workload, image) };
}

/** An object of a kind that nobody serves any more is not there either. */
async function readOne(
  api: ApiClient,
  discovery: Discovery,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<ManifestObject | undefined> {
  const resource = await discovery.resourceOf(ref.apiVersion, ref.kind, signal);
  if (resource === undefined) return undefined;
  const path = `${resource.collection(ref.namespace)}/${encodeURIComponent(ref.name)}`;
  const asked = { verb: 'get', resource: resource.name, namespace: ref.namespace, what: formatRef(ref) };
  const { code, body } = await api.call({ method: 'GET', path, asked, signal }, [NOT_FOUND]);
  return code === NOT_FOUND ? undefined : (body as ManifestObject);
}
