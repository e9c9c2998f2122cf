/** The kinds of keys with which records are signed, and whether one of them made a signature. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** What people read when a key is none of them. */
export const RECORD_KEYS = 'an ECDSA P-256 or Ed25519 key in PEM form';

/** Throws what `node:crypto` throws, and RangeError for a key of another kind. */
export function readRecordKey(pem: string): KeyObject {
  return assertRecordKey(createPublicKey(pem));
}

/** Private or public. */
export function assertRecordKey(key: KeyObject): KeyObject {
  if (hashFor(key) !== undefined) return key;
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  throw new RangeError(`${key.asymmetricKeyType} ${namedCurve ?? modulusLength ?? ''}`.trim());
}

/** As `sign` and `verify` of `node:crypto` want it named: Ed25519 hashes by itself. Undefined: no key for records. */
export function hashFor(key: KeyObject): 'sha256' | null | undefined {
  if (key.asymmetricKeyType === 'ed25519') return null;
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'sha256' : undefined;
}

export function isSignedBy(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(hashFor(key), bytes, key, signature);
}

/** SubjectPublicKeyInfo, DER: its hash is how bundles name a key. */
export function spkiOf(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}
