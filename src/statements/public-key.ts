/** Keys that may sign statements: Ed25519 and P-256, nothing else; which key it is decides the algorithm, never the message. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

export type StatementAlgorithm = 'EdDSA' | 'ES256';

export interface PublicKey {
  /** Public members only. */
  readonly jwk: JWK;
  readonly alg: StatementAlgorithm;
}

/** Throws for what is no public key of these two kinds, and for a private key, which has no place where this is asked. */
export function publicKeyOf(pem: string): PublicKey {
  if (pem.includes('PRIVATE KEY')) throw new TypeError('it holds a private key, which has no place here');
  return publicHalf(createPublicKey(pem));
}

/** Of a JWK that came with a message: only what a public key consists of is taken. */
export function publicKeyOfJwk(value: unknown): PublicKey | undefined {
  if (typeof value !== 'object' || value === null || 'd' in value) return undefined;
  const { kty, crv, x, y } = value as JWK;
  if (typeof x !== 'string') return undefined;
  if (kty === 'OKP' && crv === 'Ed25519') return { jwk: { kty, crv, x }, alg: 'EdDSA' };
  if (kty === 'EC' && crv === 'P-256' && typeof y === 'string') return { jwk: { kty, crv, x, y }, alg: 'ES256' };
  return undefined;
}

/** Throws as {@link publicKeyOf} does. */
export function privateKeyOf(pem: string): { readonly key: KeyObject; readonly publicKey: PublicKey } {
  const key = createPrivateKey(pem);
  return { key, publicKey: publicHalf(createPublicKey(key)) };
}

/** RFC 7638: the name of a key, in headers and in the nonce of an identity token. */
export function thumbprintOf({ jwk }: PublicKey): Promise<string> {
  return calculateJwkThumbprint(jwk, 'sha256');
}

function publicHalf(key: KeyObject): PublicKey {
  const known = publicKeyOfJwk(key.export({ format: 'jwk' }));
  if (known === undefined) throw new TypeError('it is neither an Ed25519 nor a P-256 key');
  return known;
}
