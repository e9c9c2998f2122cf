/** The same facts that a watch keeps, read once: for what is asked in one go. */
import type { ApiClient } from './api-client.ts';
import type { KubernetesObject, ObjectList, Pod, Revision, Workload } from './kubernetes-objects.ts';
import type { WorkloadParts } from './newest-revision.ts';
import { selectorText } from './track-workload.ts';
import type { WorkloadName } from './workload-name.ts';

const NOT_FOUND = 404;

/** Undefined: there is no such workload. */
export async function lookOnce(
  api: ApiClient,
  namespace: string,
  workload: WorkloadName,
  signal: AbortSignal,
): Promise<WorkloadParts | undefined> {
  const root = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}`;
  const asked = (
    verb: string,
    resource: string,
  ): { verb: string; resource: string; namespace: string; what: string } => ({
    verb,
    resource,
    namespace,
    what: workload.text,
  });
  const path = `${root}/${workload.plural}/${encodeURIComponent(workload.name)}`;
  const get = { method: 'GET', path, asked: asked('get', `${workload.plural}.apps`), signal } as const;
  const { code, body } = await api.call(get, [NOT_FOUND]);
  if (code === NOT_FOUND) return undefined;
  const object = body as Workload;
  const list = async <T extends KubernetesObject>(at: string, resource: string): Promise<readonly T[]> => {
    const query = { labelSelector: selectorText(object.spec.selector) };
    const answer = await api.call({ method: 'GET', path: at, query, asked: asked('list', resource), signal });
    return (answer.body as ObjectList<T>).items;
  };
  const kept = workload.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const [pods, revisions] = await Promise.all([
    list<Pod>(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, 'pods'),
    workload.kind === 'StatefulSet' ? [] : list<Revision>(`${root}/${kept}`, `${kept}.apps`),
  ]);
  return { kind: workload.kind, object, revisions, pods };
}
