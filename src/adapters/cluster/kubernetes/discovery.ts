/** Which path a kind has: asked of the server (`APIResourceList`), so that any namespaced kind works, custom ones included. */
import { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';

export interface Resource {
  /** Resource with its group, as RBAC names it: `deployments.apps`. */
  readonly name: string;
  readonly namespaced: boolean;
  /** Path of the collection in a namespace: `/apis/apps/v1/namespaces/<namespace>/deployments`. */
  collection(namespace: string): string;
}

export interface Discovery {
  /** Undefined: the server knows no such kind. */
  resourceOf(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource | undefined>;
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

export function createDiscovery(api: ApiClient): Discovery {
  const known = new Map<string, Map<string, Resource>>();
  return {
    async resourceOf(apiVersion, kind, signal) {
      const remembered = known.get(apiVersion)?.get(kind);
      if (remembered !== undefined) return remembered;
      const resources = await ask(api, apiVersion, signal);
      if (resources === undefined) return undefined;
      known.set(apiVersion, resources);
      return resources.get(kind);
    },
  };
}

async function ask(
  api: ApiClient,
  apiVersion: string,
  signal: AbortSignal,
): Promise<Map<string, Resource> | undefined> {
  const parts = apiVersion.split('/');
  if (parts.length > 2 || !parts.every((part) => /^[a-z0-9.-]+$/.test(part))) return undefined;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const asked = { verb: 'get', resource: 'discovery', what: `kinds of ${apiVersion}` };
  const { code, body } = await api.call({ method: 'GET', path: root, asked, signal }, [404]);
  if (code === 404) return undefined;
  const { resources } = body as ResourceList;
  if (!Array.isArray(resources)) throw noList(root);
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const whole = resources.filter((one: { name: string }) => !one.name.includes('/'));
  return new Map(whole.map((one) => [one.kind, resource(root, group, one.name, one.namespaced)]));
}

function resource(root: string, group: string, plural: string, namespaced: boolean): Resource {
  return {
    name: group === '' ? plural : `${plural}.${group}`,
    namespaced,
    collection: (namespace) => `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
  };
}

function noList(path: string): PortError {
  return new PortError('cluster-failing', `${path}: the answer is no list of resources`, { retry: 'yes' });
}
