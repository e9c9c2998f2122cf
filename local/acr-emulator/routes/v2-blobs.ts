/** Blobs: resumable uploads, mounts, ranged downloads (OCI distribution-spec 1.1.1). Locations are relative, as ACR's. */
import { linkBlob, unlinkBlob } from '../changes.ts';
import type { DataPlaneGate } from '../data-plane-gate.ts';
import { empty, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { requireReadable, requireWritable } from '../locks.ts';
import { isDigest, requireDigest } from '../store/digests.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { nameOf } from './v2-manifests.ts';

const BLOB = /^\/v2\/(?<name>.+)\/blobs\/(?<digest>[^/]+:[^/]+)$/;
const UPLOADS = /^\/v2\/(?<name>.+)\/blobs\/uploads\/?$/;
const UPLOAD = /^\/v2\/(?<name>.+)\/blobs\/uploads\/(?<id>[^/]+)$/;

const STORAGE = /^\/_storage\/(?<name>.+)\/(?<digest>[^/]+:[^/]+)$/;

/** Signs the paths under which content lies without authentication, as ACR's storage accounts do. */
export interface BlobRedirect {
  readonly sign: (path: string) => string;
}

export function blobRoutes(store: RegistryStore, gate: DataPlaneGate, redirect: BlobRedirect | undefined): Route[] {
  const push = (exchange: Exchange, name: string) => gate.require(exchange, name, ['push'], 'pull,push');
  return [
    route('POST', UPLOADS, async (exchange) => {
      const name = nameOf(exchange);
      await push(exchange, name);
      requireWritable(store.repository(name));
      return (await mount(store, gate, exchange, name)) ?? begin(store, exchange, name);
    }),
    route('PATCH', UPLOAD, async (exchange) => {
      const name = nameOf(exchange);
      await push(exchange, name);
      const id = requireUpload(store, exchange);
      requireInOrder(exchange, store.uploads.size(id));
      await store.uploads.append(id, exchange.request);
      return progress(store, name, id, 202);
    }),
    route('PUT', UPLOAD, async (exchange) => {
      const name = nameOf(exchange);
      await push(exchange, name);
      const id = requireUpload(store, exchange);
      const digest = requireDigest(exchange.query.get('digest') ?? '');
      requireInOrder(exchange, store.uploads.size(id));
      await store.uploads.append(id, exchange.request);
      return finish(store, name, id, digest);
    }),
    route('GET', UPLOAD, async (exchange) => {
      const name = nameOf(exchange);
      await push(exchange, name);
      return progress(store, name, requireUpload(store, exchange), 204);
    }),
    route('DELETE', UPLOAD, async (exchange) => {
      await push(exchange, nameOf(exchange));
      store.uploads.remove(requireUpload(store, exchange));
      return empty(204);
    }),
    route('GET HEAD', BLOB, async (exchange) => {
      const name = nameOf(exchange);
      await gate.require(exchange, name, ['pull']);
      if (redirect !== undefined && exchange.method === 'GET') return redirectBlob(store, exchange, name, redirect);
      return getBlob(store, exchange, name);
    }),
    route('GET HEAD', STORAGE, (exchange) => {
      const path = exchange.path;
      if (redirect?.sign(path) !== exchange.query.get('sig'))
        throw new Refusal(403, 'DENIED', 'the signature does not fit');
      return getBlob(store, exchange, nameOf(exchange));
    }),
    route('DELETE', BLOB, async (exchange) => {
      const name = nameOf(exchange);
      const identity = await gate.require(exchange, name, ['delete']);
      unlinkBlob(store, { identity }, name, requireDigest(exchange.params['digest'] ?? ''));
      return empty(202);
    }),
  ];
}

/** Content that another repository of this registry has and the caller may read there needs no upload. */
async function mount(
  store: RegistryStore,
  gate: DataPlaneGate,
  exchange: Exchange,
  name: string,
): Promise<Reply | undefined> {
  const digest = exchange.query.get('mount');
  const from = exchange.query.get('from');
  if (digest === null || from === null || !isDigest(digest)) return undefined;
  if (store.repository(from)?.blobs[digest] !== true) return undefined;
  if (!(await gate.alsoCovers(exchange, from, 'pull'))) return undefined;
  linkBlob(store, name, digest);
  return created(name, digest);
}

async function begin(store: RegistryStore, exchange: Exchange, name: string): Promise<Reply> {
  const id = store.uploads.create();
  const digest = exchange.query.get('digest');
  if (digest === null) return progress(store, name, id, 202);
  await store.uploads.append(id, exchange.request);
  return finish(store, name, id, requireDigest(digest));
}

async function finish(store: RegistryStore, name: string, id: string, digest: string): Promise<Reply> {
  const actual = await store.uploads.digest(id, digest);
  if (actual !== digest) {
    store.uploads.remove(id);
    throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { digest, actual },
    });
  }
  const path = store.uploads.path(id);
  if (path === undefined) throw uploadUnknown();
  store.blobs.adopt(path, digest);
  linkBlob(store, name, digest);
  return created(name, digest);
}

function created(name: string, digest: string): Reply {
  return empty(201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function progress(store: RegistryStore, name: string, id: string, status: number): Reply {
  const size = store.uploads.size(id);
  const state = Buffer.from(JSON.stringify({ name, id, offset: size })).toString('base64url');
  return empty(status, {
    location: `/v2/${name}/blobs/uploads/${id}?_nouploadcache=false&_state=${state}`,
    'docker-upload-uuid': id,
    range: `0-${Math.max(0, size - 1)}`,
  });
}

function requireUpload(store: RegistryStore, exchange: Exchange): string {
  const id = exchange.params['id'] ?? '';
  if (store.uploads.path(id) === undefined) throw uploadUnknown();
  if (store.uploads.isBusy(id))
    throw new Refusal(416, 'BLOB_UPLOAD_INVALID', 'another request is writing to this upload');
  return id;
}

function uploadUnknown(): Refusal {
  return new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
}

/** A chunk that says where it belongs must follow the last one. */
function requireInOrder(exchange: Exchange, size: number): void {
  const stated = exchange.request.headers['content-range'];
  const start = /^(?:bytes )?(\d+)-\d+/.exec(String(stated ?? ''))?.[1];
  if (stated === undefined || Number(start) === size) return;
  throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `the upload stands at ${size}, the chunk starts at ${start}`, {
    headers: { range: `0-${Math.max(0, size - 1)}` },
  });
}

/** ACR answers 307 to a storage account; the client goes there without its bearer token. */
function redirectBlob(store: RegistryStore, exchange: Exchange, name: string, redirect: BlobRedirect): Reply {
  getBlob(store, exchange, name);
  const path = `/_storage/${name}/${exchange.params['digest']}`;
  return empty(307, { location: `${exchange.origin}${path}?sig=${redirect.sign(path)}` });
}

function getBlob(store: RegistryStore, exchange: Exchange, name: string): Reply {
  const digest = requireDigest(exchange.params['digest'] ?? '');
  const record = store.repository(name);
  const known = record?.blobs[digest] === true || record?.manifests[digest] !== undefined;
  const size = known ? store.blobs.size(digest) : undefined;
  if (size === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digest } });
  requireReadable(record);
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    'accept-ranges': 'bytes',
  };
  const slice = parseRange(exchange.request.headers.range, size);
  const path = store.blobs.path(digest);
  if (slice === undefined) return { status: 200, headers, body: { path, start: 0, length: size } };
  const { start, end } = slice;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}` },
    body: { path, start, length: end - start + 1 },
  };
}

/** One range of RFC 7233; several, or what is no range, mean the whole. Refused when nothing lies in it. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const suffix = match[1] === '';
  const start = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = suffix || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (start <= end) return { start, end };
  throw new Refusal(416, 'RANGE_INVALID', 'the range lies outside the blob', {
    headers: { 'content-range': `bytes */${size}` },
  });
}
