/** A pinned public key (PEM, `cosign.pub`): the signature must be by exactly this key. What a bundle says about keys is not asked. */
import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import { basename } from 'node:path';
import { digestOf } from '../../../content/digest-of.ts';
import { shortDigest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Judge } from './judge.ts';

const SMALLEST_RSA_BITS = 2048;
const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Throws `config-invalid` for what is not a strong public key. */
export function pinnedKey(file: string, pem: string): Judge {
  const key = parse(file, pem);
  const hashes = hashesOf(key);
  const name = nameOf(file, key);
  return ({ signed, signature }) => {
    const made = hashes.some((hash) => verify(hash, signed, key, signature));
    return made ? { trusted: true, by: name } : { trusted: false, why: `not signed by ${name}` };
  };
}

/** For evidence: the file's name for people, the key's own digest (SHA-256 over its SPKI DER) for whoever checks it elsewhere. */
function nameOf(file: string, key: KeyObject): string {
  return `key ${basename(file)} ${shortDigest(digestOf(key.export({ type: 'spki', format: 'der' })))}`;
}

function parse(file: string, pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw invalid(file, 'a private key', 'give the public key; and treat this one as leaked');
  const key = attempt(file, pem);
  if (key.asymmetricKeyType === 'ed25519') return key;
  if (key.asymmetricKeyType === 'ec' && CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? '')) return key;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits >= SMALLEST_RSA_BITS) return key;
  throw invalid(
    file,
    `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? bits}`,
    'use ECDSA P-256, Ed25519 or RSA 2048',
  );
}

function attempt(file: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw invalid(file, 'not a key', 'write the public key of "cosign generate-key-pair" there (cosign.pub)', cause);
  }
}

/** Cosign signs with SHA-256 whatever the curve; other signers take the curve's own size. Ed25519 hashes by itself. */
function hashesOf(key: KeyObject): readonly (string | null)[] {
  if (key.asymmetricKeyType === 'ed25519') return [null];
  if (key.asymmetricKeyDetails?.namedCurve === 'secp384r1') return ['sha256', 'sha384'];
  if (key.asymmetricKeyDetails?.namedCurve === 'secp521r1') return ['sha256', 'sha512'];
  return ['sha256'];
}

function invalid(file: string, got: string, remedy: string, cause?: unknown): PortError {
  const expected = 'a public key in PEM form (BEGIN PUBLIC KEY)';
  return new PortError('config-invalid', `${file} cannot verify signatures`, {
    retry: 'no',
    expected,
    got,
    remedy,
    cause,
  });
}
