/** ACR's own data plane (`api-version=2021-07-01`; any date is accepted): what is there, and its four flags. */
import { deleteRepository, deleteTag, setAttributes, type Subject } from '../changes.ts';
import type { DataPlaneGate } from '../data-plane-gate.ts';
import type { RegistrySite } from '../emulation.ts';
import { empty, json, readJsonBody, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { manifestUnknown, Refusal, tagUnknown } from '../http/refusal.ts';
import { page } from '../paging.ts';
import { requireDigest } from '../store/digests.ts';
import { tagsOf, UNLOCKED, type Attributes } from '../store/repository-record.ts';
import { catalog, requireRepository } from './v2-lists.ts';
import { nameOf } from './v2-manifests.ts';
import { showManifest, showRepository, showTag } from './acr-v1-views.ts';

const TAGS = /^\/acr\/v1\/(?<name>.+)\/_tags$/;
const TAG = /^\/acr\/v1\/(?<name>.+)\/_tags\/(?<tag>[^/]+)$/;
const MANIFESTS = /^\/acr\/v1\/(?<name>.+)\/_manifests$/;
const MANIFEST = /^\/acr\/v1\/(?<name>.+)\/_manifests\/(?<digest>[^/]+)$/;
const REPOSITORY = /^\/acr\/v1\/(?<name>[^_].*)$/;
const DEFAULT_PAGE = 100;

/** Order matters: the repository's pattern would match the others. */
export function acrRoutes(site: RegistrySite, gate: DataPlaneGate): Route[] {
  const { store } = site;
  const registry = site.loginServer;
  const reading = async (exchange: Exchange): Promise<string> => {
    const name = nameOf(exchange);
    await gate.require(exchange, name, ['metadata_read']);
    return name;
  };
  const patch = (subjectOf: (exchange: Exchange) => Subject) => async (exchange: Exchange) => {
    const name = nameOf(exchange);
    const identity = await gate.require(exchange, name, ['metadata_write']);
    const attributes = await readAttributes(exchange);
    const subject = subjectOf(exchange);
    requireRepository(store, name);
    if (exchange.fault?.fault !== 'lock-ignored')
      setAttributes(store, { identity }, { repository: name, subject, attributes });
    return show(site, name, subject);
  };
  return [
    route('GET', /^\/acr\/v1\/_catalog$/, async (exchange) => {
      await gate.requireCatalog(exchange);
      return catalog(store, exchange);
    }),
    route('GET', TAGS, async (exchange) => listTags(site, exchange, await reading(exchange))),
    route('GET', TAG, async (exchange) => show(site, await reading(exchange), { tag: exchange.params['tag'] ?? '' })),
    route(
      'PATCH',
      TAG,
      patch((exchange) => ({ tag: exchange.params['tag'] ?? '' })),
    ),
    route('DELETE', TAG, async (exchange) => {
      const name = nameOf(exchange);
      const identity = await gate.require(exchange, name, ['delete']);
      deleteTag(store, { identity }, name, exchange.params['tag'] ?? '');
      return empty(202);
    }),
    route('GET', MANIFESTS, async (exchange) => listManifests(site, exchange, await reading(exchange))),
    route('GET', MANIFEST, async (exchange) => show(site, await reading(exchange), digestOf(exchange))),
    route('PATCH', MANIFEST, patch(digestOf)),
    route('GET', REPOSITORY, async (exchange) => show(site, await reading(exchange), 'repository')),
    route(
      'PATCH',
      REPOSITORY,
      patch(() => 'repository'),
    ),
    route('DELETE', REPOSITORY, async (exchange) => {
      const name = nameOf(exchange);
      const identity = await gate.require(exchange, name, ['delete']);
      requireRepository(store, name);
      const removed = deleteRepository(store, { identity }, name);
      return json(202, { manifestsDeleted: removed.manifests, tagsDeleted: removed.tags, registry });
    }),
  ];
}

function digestOf(exchange: Exchange): { digest: string } {
  return { digest: requireDigest(exchange.params['digest'] ?? '') };
}

function show({ store, loginServer }: RegistrySite, name: string, subject: Subject): Reply {
  const record = requireRepository(store, name);
  if (subject === 'repository') return json(200, showRepository(loginServer, record));
  const head = { registry: loginServer, imageName: name };
  if ('tag' in subject) {
    const tag = record.tags[subject.tag];
    if (tag === undefined) throw tagUnknown(subject.tag);
    return json(200, { ...head, tag: showTag(tag) });
  }
  const manifest = record.manifests[subject.digest];
  if (manifest === undefined) throw manifestUnknown(subject.digest);
  return json(200, { ...head, manifest: showManifest(manifest, tagsOf(record, manifest.digest)) });
}

function listTags({ store, loginServer }: RegistrySite, exchange: Exchange, name: string): Reply {
  const digest = exchange.query.get('digest');
  const tags = Object.values(requireRepository(store, name).tags).filter(
    (tag) => tag.attributes.listEnabled && (digest === null || tag.digest === digest),
  );
  const { items, headers } = ordered(exchange, tags, (tag) => tag.name);
  return json(200, { registry: loginServer, imageName: name, tags: items.map(showTag) }, headers);
}

function listManifests({ store, loginServer }: RegistrySite, exchange: Exchange, name: string): Reply {
  const record = requireRepository(store, name);
  const manifests = Object.values(record.manifests).filter((manifest) => manifest.attributes.listEnabled);
  const { items, headers } = ordered(exchange, manifests, (manifest) => manifest.digest);
  const shown = items.map((manifest) => showManifest(manifest, tagsOf(record, manifest.digest)));
  return json(200, { registry: loginServer, imageName: name, manifests: shown }, headers);
}

/** By name, or by time of the last change (`orderby=timeasc|timedesc`). */
function ordered<T extends { lastUpdateTime: string }>(
  exchange: Exchange,
  items: T[],
  keyOf: (item: T) => string,
): { items: readonly T[]; headers: Readonly<Record<string, string>> } {
  const order = exchange.query.get('orderby') ?? '';
  if (!['', 'none', 'timeasc', 'timedesc'].includes(order)) {
    throw new Refusal(400, 'QUERY_INVALID', `orderby must be timeasc or timedesc, got ${JSON.stringify(order)}`);
  }
  const byTime = order.startsWith('time');
  const sign = order === 'timedesc' ? -1 : 1;
  const rank = (item: T): string => (byTime ? `${item.lastUpdateTime} ${keyOf(item)}` : keyOf(item));
  const sorted = [...items].sort((a, b) => (rank(a) < rank(b) ? -sign : sign));
  return page(exchange, sorted, { keyOf, defaultSize: DEFAULT_PAGE, sortedByKey: !byTime });
}

/** The flat body `{"writeEnabled": false, …}` of `az` and the SDKs; at least one flag, nothing but booleans. */
async function readAttributes(exchange: Exchange): Promise<Partial<Attributes>> {
  const body = await readJsonBody(exchange, 'MANIFEST_ATTRIBUTES_INVALID');
  const flags = Object.keys(UNLOCKED).filter((flag) => body[flag] !== undefined && body[flag] !== null);
  const sound = flags.length > 0 && flags.every((flag) => typeof body[flag] === 'boolean');
  if (sound) return Object.fromEntries(flags.map((flag) => [flag, body[flag]]));
  throw new Refusal(400, 'UNSUPPORTED', `expected some of ${Object.keys(UNLOCKED).join(', ')} as true or false`);
}
