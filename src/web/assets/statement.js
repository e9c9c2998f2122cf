// The signed form of an answer, as src/statements/sign.ts makes it on a laptop: the same header, the same claims.
import { base64url } from './keys.js';

/**
 * @typedef {object} Facts what is decided on, as the page shows it
 * @property {string} release
 * @property {string} service
 * @property {string} version
 * @property {string} environment
 * @property {string} planDigest
 */

/**
 * @typedef {object} Words what the person says
 * @property {'approve' | 'reject'} decision
 * @property {string} [reason]
 * @property {readonly string[]} [overrides]
 */

/**
 * @param {Facts & Words} facts
 * @param {string} subject
 * @param {import('./keys.js').SigningKey & { idToken?: string | undefined }} signer
 * @param {{ now: Date, goodForMs: number }} moment
 * @returns {Promise<string>} compact JWS (RFC 7515)
 */
export async function signStatement(facts, subject, { privateKey, jwk, kid, alg, idToken }, { now, goodForMs }) {
  const iat = Math.floor(now.getTime() / 1_000);
  const exp = iat + Math.ceil(goodForMs / 1_000);
  const claims = { type: 'urn:x-sluice:approval:v1', ...facts, subject, iat, exp, jti: crypto.randomUUID() };
  const vouched = idToken === undefined ? {} : { jwk, sluice_id_token: idToken };
  const header = { alg, typ: 'sluice-approval+jwt', kid, ...vouched };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  const algorithm = alg === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

/** @param {unknown} value */
function encoded(value) {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}
