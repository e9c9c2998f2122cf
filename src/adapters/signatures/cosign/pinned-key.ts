/** A pinned public key: the signature must be by exactly this key. What a bundle says about keys is not asked. */
import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import { basename } from 'node:path';
import { digestOf } from '../../../content/digest-of.ts';
import { shortDigest } from '../../../domain/digest.ts';
import type { Revoked } from '../../../domain/revocation.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Claim } from './claim.ts';
import { type Demands, isUnconfirmed, keyConfirmation } from './confirmation.ts';
import type { Judge, Judgement } from './judge.ts';
import { isInside, type Validity, type Window, windowInWords, windowOf } from './validity.ts';

const SMALLEST_RSA_BITS = 2048;
const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** With a root, logs and timestamps are asked as the entry demands, and say when it was signed; without, the clock says what counts now. */
export interface KeyTrust extends Validity, Partial<Demands> {}

/** Throws `config-invalid` for what is not a strong public key. */
export function pinnedKey(file: string, pem: string, trust: KeyTrust = {}): Judge {
  const key = parse(file, pem);
  const judge = judgeWithKey(key, `key ${basename(file)} ${fingerprint(key)}`, trust);
  const window = windowOf(trust);
  return async (claim, at) => judge(claim, at, window);
}

/** For keys that are found out later: the window is asked at each judgement. */
export type KeyJudge = (claim: Claim, at: Date, window: Window | undefined) => Judgement;

export function judgeWithKey(
  key: KeyObject,
  name: string,
  { trustedRoot, transparencyLog, timestamp }: KeyTrust,
  further: readonly Revoked[] = [],
): KeyJudge {
  const hashes = hashesOf(key);
  const marks: readonly Revoked[] = [{ kind: 'key', fingerprint: digestOfKey(key) }, ...further];
  const confirm =
    trustedRoot === undefined ? undefined : keyConfirmation({ trustedRoot, transparencyLog, timestamp }, key);
  return (claim, at, window) => {
    if (!hashes.some((hash) => verify(hash, claim.signed, key, claim.signature)))
      return { trusted: false, why: `not signed by ${name}` };
    const unconfirmed = confirm?.(claim);
    if (isUnconfirmed(unconfirmed))
      return { ...unconfirmed, trusted: false, why: `signed by ${name}, and not confirmed: ${unconfirmed.why}` };
    if (window === undefined) return { trusted: true, by: name, marks };
    const counts = confirm === undefined ? isInside(window, at) : !isUnconfirmed(confirm(claim, window));
    if (counts) return { trusted: true, by: name, marks };
    const when = confirm === undefined ? `, and it is ${at.toISOString()}` : ', and it was signed at another time';
    return { trusted: false, why: `signed by ${name}, which ${windowInWords(window)}${when}`, because: 'not-valid' };
  };
}

/** For evidence, beside a name for people: by this, whoever checks it elsewhere finds the key. */
export function fingerprint(key: KeyObject): string {
  return shortDigest(digestOfKey(key));
}

/** SHA-256 over its SPKI in DER form. */
function digestOfKey(key: KeyObject): ReturnType<typeof digestOf> {
  return digestOf(key.export({ type: 'spki', format: 'der' }));
}

function parse(file: string, pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw invalid(file, 'a private key', 'give the public key; and treat this one as leaked');
  const key = attempt(file, pem);
  if (isStrong(key)) return key;
  throw invalid(file, kindOf(key), 'use ECDSA P-256, Ed25519 or RSA 2048');
}

/** Of a kind and a size with which images are signed. */
export function isStrong(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'ed25519') return true;
  if (key.asymmetricKeyType === 'ec') return CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? '');
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= SMALLEST_RSA_BITS;
}

export function kindOf(key: KeyObject): string {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return `${key.asymmetricKeyType} ${namedCurve ?? modulusLength}`;
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
