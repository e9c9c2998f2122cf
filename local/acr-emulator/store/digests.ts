/** Digests and names as the registry accepts them (OCI distribution-spec 1.1.1). */
import { createHash } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const TAG = /^\w[\w.-]{0,127}$/;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
/** The name becomes a file name, in which `/` takes three bytes. */
const NAME_LIMIT = 220;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

export function isRepositoryName(text: string): boolean {
  return NAME.test(text) && encodeURIComponent(text).length <= NAME_LIMIT;
}

export function requireRepositoryName(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new Refusal(400, 'NAME_INVALID', `invalid repository name ${JSON.stringify(text)}`);
}

export function requireDigest(text: string): string {
  if (isDigest(text)) return text;
  throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
    detail: { digest: text },
  });
}

/** The digest of the bytes by the algorithm of `like` (a digest), SHA-256 by default. */
export function digestOf(bytes: Uint8Array, like = 'sha256:'): string {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'));
}
