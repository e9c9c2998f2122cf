/** Pushing (distribution-spec 1.1.1, "Pushing blobs", "Pushing manifests"): look first, then one POST and one PUT a blob. */
import { type Digest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import { digestMismatch, protocolError } from './errors.ts';
import { hasBlob } from './oci-blobs.ts';
import { type OciClient } from './oci-client.ts';
import { retrying } from './retrying.ts';

/** Uploads unless the registry has it. An upload session that the registry forgot is started anew. */
export async function pushBlob(
  client: OciClient,
  repository: string,
  digest: Digest,
  bytes: Uint8Array,
): Promise<void> {
  if (await hasBlob(client, repository, digest)) return;
  const what = `push blob ${repository}@${digest}`;
  await retrying(client.retries, async () => {
    const opened = await client.once(repository, {
      what,
      method: 'POST',
      path: `/v2/${repository}/blobs/uploads/`,
      expected: [202],
      right: 'push',
    });
    const session = sessionOf(opened.headers.location, client, what);
    session.searchParams.set('digest', digest);
    const stored = await client.once(repository, {
      what,
      method: 'PUT',
      path: session,
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      expected: [201, 404],
      right: 'push',
    });
    if (stored.status === 404) throw sessionLost(client, what);
  });
}

/** Stores the manifest under `reference`: its digest, or a tag. Compares what the registry says it stored. */
export async function pushManifest(
  client: OciClient,
  repository: string,
  reference: string,
  manifest: { readonly digest: Digest; readonly mediaType: string; readonly bytes: Uint8Array },
): Promise<void> {
  const what = `push manifest ${repository}@${manifest.digest}`;
  const answer = await client.call(repository, {
    what,
    method: 'PUT',
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
    expected: [201],
    right: 'push',
  });
  const stored = answer.headers['docker-content-digest'];
  if (stored !== undefined && stored !== manifest.digest) {
    throw digestMismatch(client.attempt(what, 'push'), manifest.digest, stored);
  }
}

/** `Location` of an upload, relative or absolute, which must be this registry's: content and token go there. */
function sessionOf(location: string | undefined, client: OciClient, what: string): URL {
  const attempt = client.attempt(what, 'push');
  if (location === undefined || !URL.canParse(location, client.origin.href)) {
    throw protocolError(attempt, 'a Location of the upload', location ?? 'none');
  }
  const session = new URL(location, client.origin);
  if (session.origin === client.origin.origin) return session;
  throw protocolError(attempt, `an upload at ${client.host}`, location);
}

function sessionLost(client: OciClient, what: string): PortError {
  return new PortError(
    'registry-failing',
    `could not ${what} at ${client.host}: the registry lost the upload session`,
    {
      retry: 'yes',
      expected: 'a finished upload',
      got: 'HTTP 404',
      remedy: 'wait; the upload is started anew',
    },
  );
}
