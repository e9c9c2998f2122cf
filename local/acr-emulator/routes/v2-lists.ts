/** Lists of the distribution API: tags, referrers, catalog. */
import type { DataPlaneGate } from '../data-plane-gate.ts';
import { json, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import type { Fault } from '../faults.ts';
import { nameUnknown, Refusal } from '../http/refusal.ts';
import { page } from '../paging.ts';
import { digestOf, requireDigest } from '../store/digests.ts';
import { IMAGE_INDEX, IMAGE_MANIFEST } from '../store/manifest.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { isListed, type ManifestRecord, type RepositoryRecord } from '../store/repository-record.ts';
import { nameOf } from './v2-manifests.ts';

const DEFAULT_PAGE = 100;

export function listRoutes(store: RegistryStore, gate: DataPlaneGate, settings: { referrersPage: number }): Route[] {
  return [
    route('GET', /^\/v2\/_catalog$/, async (exchange) => {
      await gate.requireCatalog(exchange);
      return catalog(store, exchange);
    }),
    route('GET', /^\/v2\/(?<name>.+)\/tags\/list$/, async (exchange) => {
      const name = nameOf(exchange);
      await gate.require(exchange, name, ['metadata_read', 'pull'], 'metadata_read');
      return tags(store, exchange, name);
    }),
    route('GET', /^\/v2\/(?<name>.+)\/referrers\/(?<digest>[^/]+)$/, async (exchange) => {
      const name = nameOf(exchange);
      await gate.require(exchange, name, ['pull']);
      return referrers(store, exchange, name, settings.referrersPage);
    }),
  ];
}

/** Names of repositories with images, also as `/acr/v1/_catalog` gives them. */
export function catalog(store: RegistryStore, exchange: Exchange): Reply {
  const names = store
    .repositories()
    .filter((record) => isListed(record) && record.attributes.listEnabled)
    .map(({ name }) => name);
  const { items, headers } = page(exchange, names, { keyOf: (name) => name, defaultSize: DEFAULT_PAGE });
  return json(200, { repositories: items }, headers);
}

/** The repository, or 404; one that exists only as uploaded blobs is not there yet. */
export function requireRepository(store: RegistryStore, name: string): RepositoryRecord {
  const record = store.repository(name);
  if (record === undefined || !isListed(record)) throw nameUnknown(name);
  return record;
}

function tags(store: RegistryStore, exchange: Exchange, name: string): Reply {
  const record = requireRepository(store, name);
  const names = Object.values(record.tags)
    .filter((tag) => tag.attributes.listEnabled)
    .map((tag) => tag.name)
    .sort();
  const { items, headers } = page(exchange, names, { keyOf: (tag) => tag, defaultSize: DEFAULT_PAGE });
  return json(200, { name, tags: items }, headers);
}

/** Never 404: a digest without referrers, even one that does not exist (yet), has an empty list. */
function referrers(store: RegistryStore, exchange: Exchange, name: string, pageSize: number): Reply {
  const digest = requireDigest(exchange.params['digest'] ?? '');
  const artifactType = exchange.query.get('artifactType');
  const own = Object.values(store.repository(name)?.manifests ?? {})
    .filter((manifest) => manifest.subject === digest)
    .map(toDescriptor);
  const found = spoilReferrers(exchange.fault, digest, own).filter(
    (descriptor) => artifactType === null || descriptor.artifactType === artifactType,
  );
  const { items, headers } = page(exchange, found, {
    keyOf: (descriptor) => descriptor.digest,
    defaultSize: pageSize,
    sortedByKey: false,
  });
  const body = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: items };
  const filtered = artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' };
  return { ...json(200, body), headers: { 'content-type': IMAGE_INDEX, ...headers, ...filtered } };
}

function spoilReferrers(fault: Fault | undefined, subject: string, own: readonly Listed[]): readonly Listed[] {
  const one = (digest: string, size: number): Listed => ({ mediaType: IMAGE_MANIFEST, digest, size });
  switch (fault?.fault) {
    case 'referrers-off':
      throw new Refusal(404, 'NOT_FOUND', 'referrers are not supported by this registry');
    case 'referrers-many':
      return Array.from({ length: fault.count }, (_, at) =>
        one(digestOf(Buffer.from(`nobody's ${at} for ${subject}`)), 500),
      );
    case 'referrers-also':
      return [...own, one(fault.digest, fault.size ?? 500)];
    case 'referrers-without':
      return own.filter(({ digest }) => fault.digest !== undefined && digest !== fault.digest);
    default:
      return own;
  }
}

interface Listed {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

function toDescriptor(manifest: ManifestRecord): Listed {
  const artifactType = manifest.artifactType ?? manifest.configMediaType;
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}
