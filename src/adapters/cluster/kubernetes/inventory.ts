/**
 * A namespace read whole: every kind that the server lists for namespaces, asked of its discovery (`APIGroupList`, `APIResourceList`;
 * Kubernetes 1.36), one after the other and in pages. Only GET.
 */
import type { ManifestObject } from '../../../domain/manifest-object.ts';
import type { ClusterInventory, Inventory, UnreadKind } from '../../../ports/cluster-inventory.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';
import type { ObjectList } from './kubernetes-objects.ts';

/** Measurements, and what happens all the time: nobody deploys them. */
const LEFT_OUT_GROUPS = /(?:^|\.)metrics\.k8s\.io$/;
const HAPPENING = ['events', 'leases', 'endpoints', 'endpointslices', 'csistoragecapacities'];
/** Who may do how much in a namespace is the platform's to say, and no release's. */
const OF_THE_NAMESPACE = ['roles', 'rolebindings', 'limitranges', 'resourcequotas'];
const LEFT_OUT = [...HAPPENING, ...OF_THE_NAMESPACE];
const PAGE = '500';

interface Group {
  readonly name: string;
  /** `v1`, `apps/v1`. */
  readonly version: string;
}
interface Listable {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
}

type Item = Pick<ManifestObject, 'metadata'>;

export function createInventory(api: ApiClient): ClusterInventory {
  return {
    async list(namespace, signal) {
      await assertThere(api, namespace, signal);
      const objects: ManifestObject[] = [];
      const unread: UnreadKind[] = [];
      for (const group of await groupsOf(api, signal)) {
        const found = await readGroup(api, group, namespace, signal);
        objects.push(...found.objects);
        unread.push(...found.unread);
      }
      return { objects, unread };
    },
  };
}

/** Whoever may not read namespaces finds out by what is in it. */
async function assertThere(api: ApiClient, namespace: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const asked = { verb: 'get', resource: 'namespaces', what: `namespace ${namespace}` };
  const { code } = await api.call({ method: 'GET', path, asked, signal }, [403, 404]);
  if (code === 404)
    throw new PortError('namespace-missing', `the cluster has no namespace ${namespace}`, {
      retry: 'no',
      remedy: 'name the one in which the legacy deployment is with --legacy-namespace, or choose another context',
    });
}

async function groupsOf(api: ApiClient, signal: AbortSignal): Promise<readonly Group[]> {
  const asked = { verb: 'get', resource: 'discovery', what: 'the groups of the API' };
  const { body } = await api.call({ method: 'GET', path: '/apis', asked, signal });
  const { groups = [] } = body as {
    readonly groups?: readonly {
      readonly name: string;
      readonly preferredVersion: { readonly groupVersion: string };
    }[];
  };
  const named = groups
    .filter(({ name }) => !LEFT_OUT_GROUPS.test(name))
    .map(({ name, preferredVersion }) => ({ name, version: preferredVersion.groupVersion }));
  return [{ name: '', version: 'v1' }, ...named];
}

async function readGroup(api: ApiClient, group: Group, namespace: string, signal: AbortSignal): Promise<Inventory> {
  const root = group.name === '' ? '/api/v1' : `/apis/${group.version}`;
  const objects: ManifestObject[] = [];
  const unread: UnreadKind[] = [];
  const kinds = await orUnread(group, undefined, unread, async () => {
    const asked = { verb: 'get', resource: 'discovery', what: `kinds of ${group.version}` };
    const { body } = await api.call({ method: 'GET', path: root, asked, signal });
    return (body as { readonly resources?: readonly Listable[] }).resources ?? [];
  });
  for (const kind of (kinds ?? []).filter(isListed)) {
    const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.name}`;
    const items = await orUnread(group, kind, unread, () => allOf(api, path, { group, kind, namespace }, signal));
    // items of a list come without the kind that they are
    objects.push(...(items ?? []).map((item) => ({ ...item, apiVersion: group.version, kind: kind.kind })));
  }
  return { objects, unread };
}

function isListed({ name, namespaced, verbs = [] }: Listable): boolean {
  return namespaced && verbs.includes('list') && !name.includes('/') && !LEFT_OUT.includes(name);
}

interface Collection {
  readonly group: Group;
  readonly kind: Listable;
  readonly namespace: string;
}

async function allOf(
  api: ApiClient,
  path: string,
  { group, kind, namespace }: Collection,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  const asked = { verb: 'list', resource: nameIn(group, kind), namespace, what: nameIn(group, kind) };
  let next: string | undefined;
  do {
    const query = { limit: PAGE, ...(next === undefined ? {} : { continue: next }) };
    const { body } = await api.call({ method: 'GET', path, query, asked, signal });
    const { items, metadata } = body as ObjectList<Item>;
    found.push(...items);
    next = metadata.continue === '' ? undefined : metadata.continue;
  } while (next !== undefined);
  return found;
}

/** One kind that is closed, or whose own server is down, keeps nobody from reading the others; it is told. */
async function orUnread<Found>(
  group: Group,
  kind: Listable | undefined,
  unread: UnreadKind[],
  read: () => Promise<Found>,
): Promise<Found | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const { code, message } = error;
    if (code !== 'cluster-forbidden' && code !== 'cluster-failing') throw error;
    const named = kind === undefined ? { name: group.name } : { name: nameIn(group, kind), kind: kind.kind };
    unread.push({ ...named, group: group.name, code, why: message });
    return undefined;
  }
}

function nameIn(group: Group, kind: Listable): string {
  return group.name === '' ? kind.name : `${kind.name}.${group.name}`;
}
