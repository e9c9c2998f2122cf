/** Blobs: bounded, hashed, following the registry to its storage without taking the token along. */
import { type Digest } from '../../../domain/digest.ts';
import { digestOf } from '../../../content/digest-of.ts';
import { type Attempt, digestMismatch, errorOfAnswer, protocolError } from './errors.ts';
import { refusedFrom } from './oci-answers.ts';
import { type OciClient } from './oci-client.ts';
import { retrying } from './retrying.ts';
import type { HttpAnswer } from './transport.ts';

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 3;

/** At most `limit` bytes. Throws `blob-unknown`, `digest-mismatch`, and `registry-protocol` for a larger one. */
export async function fetchBlob(
  client: OciClient,
  repository: string,
  digest: Digest,
  limit: number,
): Promise<Uint8Array> {
  const what = `read blob ${repository}@${digest}`;
  const answer = await askBlob(client, 'GET', repository, digest, what, limit);
  const attempt = client.attempt(what);
  if (answer.status === 404) throw errorOfAnswer(attempt, { ...refusedFrom(answer), code: 'BLOB_UNKNOWN' });
  const got = digestOf(answer.bytes);
  if (got !== digest) throw digestMismatch(attempt, digest, got);
  return answer.bytes;
}

export async function hasBlob(client: OciClient, repository: string, digest: Digest): Promise<boolean> {
  const answer = await askBlob(client, 'HEAD', repository, digest, `look for blob ${repository}@${digest}`, 0);
  return answer.status === 200;
}

async function askBlob(
  client: OciClient,
  method: 'GET' | 'HEAD',
  repository: string,
  digest: Digest,
  what: string,
  limit: number,
): Promise<HttpAnswer> {
  const path = `/v2/${repository}/blobs/${digest}`;
  // The whole chain is repeated: a signed storage address may have expired, the registry gives a new one.
  return retrying(client.retries, async () => {
    const answer = await client.once(repository, { what, method, path, limit, expected: [200, 404, ...REDIRECTS] });
    return REDIRECTS.includes(answer.status) ? follow(client, answer, method, client.attempt(what), limit) : answer;
  });
}

async function follow(
  client: OciClient,
  redirect: HttpAnswer,
  method: 'GET' | 'HEAD',
  attempt: Attempt,
  limit: number,
): Promise<HttpAnswer> {
  let from = client.origin;
  let answer = redirect;
  for (let count = 0; REDIRECTS.includes(answer.status); count += 1) {
    if (count === MOST_REDIRECTS) throw protocolError(attempt, `at most ${MOST_REDIRECTS} redirects`, 'more');
    const location = answer.headers.location ?? '';
    const target = location !== '' && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (target?.protocol !== 'https:') throw protocolError(attempt, 'a redirect to an https address', location);
    from = target;
    answer = await client.transport.send({ method, url: target, limit }, { ...attempt, host: target.host });
  }
  if (answer.status === 200 || answer.status === 404) return answer;
  const scope = `${from.host}, the storage behind ${attempt.host}`;
  throw errorOfAnswer({ ...attempt, host: from.host, scope }, refusedFrom(answer));
}
