/** Computing digests. The form of a digest is `src/domain/digest.ts`; this is the only place of `src` that hashes content. */
import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 of the bytes; a string is hashed as UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFromHex(createHash('sha256').update(bytes).digest('hex'));
}

/** SHA-256 of the value's canonical JSON; throws `CanonicalJsonError` for what JSON cannot say. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}
