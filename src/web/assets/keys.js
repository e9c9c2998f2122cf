// Keys that sign here: they can be used by this page and taken out by nobody, this page included.
import { Complaint } from './said.js';

/**
 * @typedef {object} SigningKey
 * @property {CryptoKey} privateKey not extractable
 * @property {JsonWebKey} jwk public members only, in the order of RFC 7638
 * @property {string} kid RFC 7638 thumbprint
 * @property {'EdDSA' | 'ES256'} alg
 */

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ED25519 = { name: 'Ed25519' };
// object identifiers (RFC 8410, RFC 5480) as they stand in DER
const OID_ED25519 = '06032b6570';
const OID_P256 = '06082a8648ce3d030107';
const LARGEST_FILE = 20_000;

/**
 * @param {File} file
 * @returns {Promise<SigningKey>}
 */
export async function keyFromFile(file) {
  if (file.size > LARGEST_FILE) throw new Complaint('This file is too large to be a key.', CHOOSE);
  return keyFromPem(await file.text());
}

const CHOOSE = 'Choose the file that "sluice login --key" made.';

/**
 * @param {string} pem
 * @returns {Promise<SigningKey>}
 */
export async function keyFromPem(pem) {
  const der = derOf(pem);
  const hex = [...der.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const kind = hex.includes(OID_ED25519) ? ED25519 : hex.includes(OID_P256) ? P256 : undefined;
  if (kind === undefined) throw new Complaint('This is neither an Ed25519 nor a P-256 key.', CHOOSE);
  const subtle = subtleOf();
  try {
    // for a moment it can be taken out, to know its public half
    const open = await subtle.importKey('pkcs8', der, kind, true, ['sign']);
    const jwk = publicHalf(await subtle.exportKey('jwk', open));
    return await named(await subtle.importKey('pkcs8', der, kind, false, ['sign']), jwk);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') {
      throw new Complaint(
        `This browser cannot sign with ${kind.name} keys.`,
        'Take a newer browser, a P-256 key, or the command line.',
      );
    }
    throw new Complaint('This key cannot be read.', CHOOSE);
  } finally {
    der.fill(0);
  }
}

/**
 * A key for one sign-in.
 * @returns {Promise<SigningKey>}
 */
export async function newKey() {
  const subtle = subtleOf();
  const { privateKey, publicKey } = await subtle.generateKey(P256, false, ['sign', 'verify']);
  return named(privateKey, publicHalf(await subtle.exportKey('jwk', publicKey)));
}

/** @param {string} pem */
function derOf(pem) {
  if (pem.includes('ENCRYPTED PRIVATE KEY')) {
    throw new Complaint('This key has a passphrase, which a browser cannot take off.', 'Answer with the command line.');
  }
  if (pem.includes('EC PRIVATE KEY')) {
    throw new Complaint('This key is in an older form.', 'Convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW');
  }
  if (pem.includes('PUBLIC KEY')) throw new Complaint('This is the public half of a key.', 'Choose the private one.');
  const [, body] = /-----BEGIN PRIVATE KEY-----([\s\S]*?)-----END PRIVATE KEY-----/.exec(pem) ?? [];
  if (body === undefined) throw new Complaint('This file holds no private key.', CHOOSE);
  try {
    return Uint8Array.from(atob(body.replace(/\s+/g, '')), (character) => character.charCodeAt(0));
  } catch {
    throw new Complaint('This key is damaged.', CHOOSE);
  }
}

function subtleOf() {
  const subtle = /** @type {SubtleCrypto | undefined} */ (globalThis.crypto?.subtle);
  if (subtle !== undefined) return subtle;
  throw new Complaint(
    'A browser signs only on pages that came over HTTPS.',
    'Open this page with https:// or localhost.',
  );
}

/**
 * @param {JsonWebKey} key
 * @returns {JsonWebKey}
 */
function publicHalf({ kty = '', crv = '', x = '', y }) {
  return { crv, kty, x, ...(y === undefined ? {} : { y }) };
}

/**
 * @param {CryptoKey} privateKey
 * @param {JsonWebKey} jwk
 * @returns {Promise<SigningKey>}
 */
async function named(privateKey, jwk) {
  const hash = await subtleOf().digest('SHA-256', new TextEncoder().encode(JSON.stringify(jwk)));
  return { privateKey, jwk, kid: base64url(new Uint8Array(hash)), alg: jwk.kty === 'OKP' ? 'EdDSA' : 'ES256' };
}

/** @param {Uint8Array} bytes */
export function base64url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
