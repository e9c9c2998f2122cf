/** What refers to a manifest (distribution-spec 1.1.1, "Listing Referrers"): the API, or the tag schema where it is missing. */
import { jsonObject } from '../../../content/json-object.ts';
import { type Digest, hexOf, isDigest } from '../../../domain/digest.ts';
import type { Descriptor } from '../../../ports/registry-reader.ts';
import { type Attempt, protocolError, tooManyReferrers, unsupportedDigest } from './errors.ts';
import { refusedFrom } from './oci-answers.ts';
import { type OciClient } from './oci-client.ts';
import { fetchManifest } from './oci-manifests.ts';
import { MANIFEST_LIMIT, OCI_INDEX } from './oci-media-types.ts';

/** An image with more pages of referrers than this is being attacked, or used as a store. */
const MOST_PAGES = 20;

/** In the registry's order. Entries under another algorithm than SHA-256 cannot be named here: left out, or refused where all of them are wanted. */
export async function fetchReferrers(
  client: OciClient,
  repository: string,
  digest: Digest,
  atMost?: number,
): Promise<Descriptor[]> {
  const what = `list referrers of ${repository}@${digest}`;
  const attempt = client.attempt(what);
  const read = (bytes: Uint8Array): Descriptor[] => descriptorsOf(bytes, attempt, atMost !== undefined);
  const whole = (all: Descriptor[]): Descriptor[] => {
    if (atMost !== undefined && all.length > atMost)
      throw tooManyReferrers(attempt, `at most ${atMost}`, `${all.length} or more`);
    return all;
  };
  const found: Descriptor[] = [];
  let next: string | URL | undefined = `/v2/${repository}/referrers/${digest}`;
  for (let page = 0; next !== undefined; page += 1) {
    if (page === MOST_PAGES) {
      const most = `at most ${MOST_PAGES} pages of referrers`;
      throw found.length > 0 ? tooManyReferrers(attempt, most, 'more') : protocolError(attempt, most, 'more');
    }
    const answer = await client.call(repository, {
      what,
      method: 'GET',
      path: next,
      headers: { accept: OCI_INDEX },
      limit: MANIFEST_LIMIT,
      expected: [200, 404],
    });
    // whoever has given one page has the list
    if (answer.status === 404 && page > 0) throw protocolError(attempt, 'the next page of referrers', 'none');
    if (answer.status === 404)
      return refusedFrom(answer).code === 'NAME_UNKNOWN'
        ? []
        : whole(await byTagSchema(client, repository, digest, read));
    found.push(...read(answer.bytes));
    whole(found);
    next = nextPage(answer.headers.link, client.origin, attempt);
  }
  return found;
}

/** Tag under which clients keep the index of referrers where the registry does not (distribution-spec 1.1.1, "Referrers Tag Schema"). */
export function referrersTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

async function byTagSchema(
  client: OciClient,
  repository: string,
  digest: Digest,
  read: (bytes: Uint8Array) => Descriptor[],
): Promise<Descriptor[]> {
  const index = await fetchManifest(client, repository, { tag: referrersTag(digest) });
  return index === undefined ? [] : read(index.bytes);
}

/** Address of the next page (RFC 8288), which must be this registry's: the token goes there. */
function nextPage(link: string | undefined, origin: URL, attempt: Attempt): URL | undefined {
  const target = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  if (URL.canParse(target, origin.href) && new URL(target, origin).origin === origin.origin)
    return new URL(target, origin);
  throw protocolError(attempt, `a next page at ${origin.host}`, target);
}

/** Entries of an image index; throws `registry-protocol` for anything else, and `digest-unsupported` where `all` of them are wanted. */
export function descriptorsOf(bytes: Uint8Array, attempt: Attempt, all = false): Descriptor[] {
  const body = jsonObject(bytes);
  if (body === undefined) throw protocolError(attempt, 'an image index in JSON', 'something else');
  const entries = body['manifests'];
  if (!Array.isArray(entries)) throw protocolError(attempt, 'an image index with "manifests"', 'JSON without it');
  return entries.flatMap((entry) => descriptorOf(entry, attempt, all));
}

function descriptorOf(entry: unknown, attempt: Attempt, all: boolean): Descriptor[] {
  const { digest, mediaType, size, artifactType, annotations } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof digest !== 'string' || typeof mediaType !== 'string' || typeof size !== 'number' || !(size >= 0)) {
    throw protocolError(attempt, 'descriptors with digest, mediaType and size', JSON.stringify(entry) ?? 'nothing');
  }
  if (!isDigest(digest)) {
    if (all) throw unsupportedDigest(attempt, digest);
    return [];
  }
  return [
    {
      digest,
      mediaType,
      size,
      ...(typeof artifactType === 'string' && artifactType !== '' ? { artifactType } : {}),
      ...(isTexts(annotations) ? { annotations } : {}),
    },
  ];
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
}
