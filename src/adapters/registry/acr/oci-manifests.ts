/** Manifests: fetched as bytes, hashed, believed only then. */
import { type Digest } from '../../../domain/digest.ts';
import type { StoredManifest } from '../../../ports/registry-reader.ts';
import { digestOf } from '../../../content/digest-of.ts';
import { digestMismatch, errorOfAnswer, protocolError } from './errors.ts';
import { refusedFrom } from './oci-answers.ts';
import { type OciClient, referencePart } from './oci-client.ts';
import { ACCEPT_MANIFESTS, MANIFEST_LIMIT } from './oci-media-types.ts';

const CONTENT_DIGEST = 'docker-content-digest';
const NOT_THERE = ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'TAG_UNKNOWN', 'NOT_FOUND'];

/** Undefined only if the registry itself says that it has none; a 404 of anything else is an error. */
export async function fetchManifest(
  client: OciClient,
  repository: string,
  reference: Digest | { readonly tag: string },
): Promise<StoredManifest | undefined> {
  const part = referencePart(reference);
  const what = `read manifest ${repository}${typeof reference === 'string' ? '@' : ':'}${part}`;
  const answer = await client.call(repository, {
    what,
    method: 'GET',
    path: `/v2/${repository}/manifests/${part}`,
    headers: { accept: ACCEPT_MANIFESTS },
    limit: MANIFEST_LIMIT,
    expected: [200, 404],
  });
  const attempt = client.attempt(what);
  if (answer.status === 404) {
    const refused = refusedFrom(answer);
    if (NOT_THERE.includes(refused.code ?? '')) return undefined;
    throw errorOfAnswer(attempt, refused);
  }
  const digest = digestOf(answer.bytes);
  const promised = typeof reference === 'string' ? reference : answer.headers[CONTENT_DIGEST];
  if (promised !== undefined && promised !== digest) throw digestMismatch(attempt, promised, digest);
  const mediaType = (answer.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (mediaType === '') throw protocolError(attempt, 'a Content-Type', 'none');
  return { digest, mediaType, bytes: answer.bytes };
}

/** Whether the registry has the manifest, without its bytes. */
export async function hasManifest(client: OciClient, repository: string, digest: Digest): Promise<boolean> {
  const answer = await client.call(repository, {
    what: `look for manifest ${repository}@${digest}`,
    method: 'HEAD',
    path: `/v2/${repository}/manifests/${digest}`,
    headers: { accept: ACCEPT_MANIFESTS },
    expected: [200, 404],
  });
  return answer.status === 200;
}
