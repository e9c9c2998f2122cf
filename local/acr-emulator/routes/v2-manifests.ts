/** Manifests by digest or tag: push, pull, delete (OCI distribution-spec 1.1.1). */
import { deleteManifest, putManifest, requireContentOf } from '../changes.ts';
import type { DataPlaneGate } from '../data-plane-gate.ts';
import { empty, readBody, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { manifestUnknown, nameUnknown, Refusal } from '../http/refusal.ts';
import { requireReadable } from '../locks.ts';
import { digestOf, isDigest, isTag, requireDigest, requireRepositoryName } from '../store/digests.ts';
import { MANIFEST_LIMIT, parseManifest } from '../store/manifest.ts';
import type { RegistryStore } from '../store/registry-store.ts';

const MANIFEST = /^\/v2\/(?<name>.+)\/manifests\/(?<reference>[^/]+)$/;

export function manifestRoutes(store: RegistryStore, gate: DataPlaneGate): Route[] {
  return [
    route('GET HEAD', MANIFEST, async (exchange) => {
      const name = nameOf(exchange);
      await gate.require(exchange, name, ['pull']);
      const reply = getManifest(store, name, exchange.params['reference'] ?? '');
      const { fault } = exchange;
      return fault?.fault === 'other-manifest' ? { ...reply, body: store.blobs.read(fault.digest) } : reply;
    }),
    route('PUT', MANIFEST, async (exchange) => {
      const name = nameOf(exchange);
      const identity = await gate.require(exchange, name, ['push'], 'pull,push');
      return put(store, exchange, name, identity);
    }),
    route('DELETE', MANIFEST, async (exchange) => {
      const name = nameOf(exchange);
      const identity = await gate.require(exchange, name, ['delete']);
      const reference = exchange.params['reference'] ?? '';
      if (isTag(reference)) throw new Refusal(405, 'UNSUPPORTED', 'a manifest is deleted by digest, a tag by /acr/v1');
      deleteManifest(store, { identity }, name, requireDigest(reference));
      return empty(202);
    }),
  ];
}

export function nameOf(exchange: Exchange): string {
  return requireRepositoryName(exchange.params['name'] ?? '');
}

function getManifest(store: RegistryStore, name: string, reference: string): Reply {
  const record = store.repository(name);
  if (record === undefined) throw nameUnknown(name);
  const tag = record.tags[reference];
  const digest = isDigest(reference) ? reference : tag?.digest;
  const manifest = digest === undefined ? undefined : record.manifests[digest];
  if (manifest === undefined) throw manifestUnknown(reference);
  requireReadable(record, tag, manifest);
  return {
    status: 200,
    headers: {
      'content-type': manifest.mediaType,
      'docker-content-digest': manifest.digest,
      etag: `"${manifest.digest}"`,
    },
    body: store.blobs.read(manifest.digest),
  };
}

async function put(store: RegistryStore, exchange: Exchange, repository: string, identity: string): Promise<Reply> {
  const reference = exchange.params['reference'] ?? '';
  const bytes = await readBody(exchange, MANIFEST_LIMIT);
  const manifest = parseManifest(bytes, exchange.request.headers['content-type']);
  const tag = isDigest(reference) ? undefined : reference;
  if (tag !== undefined && !isTag(tag))
    throw new Refusal(400, 'TAG_INVALID', `invalid reference ${JSON.stringify(tag)}`);
  const digest = tag === undefined ? reference : digestOf(bytes);
  requireContentOf(bytes, digest);
  putManifest(store, { identity }, { repository, digest, bytes, manifest, ...(tag === undefined ? {} : { tag }) });
  return empty(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(manifest.subject === undefined ? {} : { 'oci-subject': manifest.subject.digest }),
  });
}
