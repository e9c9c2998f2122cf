/** An identity token as a vouching for a key: the issuer's signature, for Sluice alone, good when the statement was signed and when it arrived. */
import { decodeJwt, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Refusal } from '../../../domain/error-code.ts';
import { SKEW_MS } from '../../../domain/statement.ts';

/** What issuers sign with. No shared secrets: whoever could verify one could also write one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export interface Vouching {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

export type IdTokenAnswer =
  { readonly ok: true; readonly claims: JWTPayload } | { readonly ok: false; readonly refusal: Refusal };

export interface Moments {
  /** As whoever signed says it. */
  readonly signedAt: Date;
  /** By the clock of the environment that was answered. */
  readonly arrivedAt: Date;
  /** The environment verified these very bytes when they arrived, with the keys that the issuer had then. */
  readonly isKnown: boolean;
}

/** `kid`: thumbprint of the key that the token must name. Throws what the issuer's keys throw. */
export async function readIdToken(
  token: string,
  kid: string,
  moments: Moments,
  vouching: Vouching,
): Promise<IdTokenAnswer> {
  const { issuer, audience } = vouching;
  try {
    return claimsAnswer(await claimsOf(token, moments, vouching), kid, moments, audience);
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return { ok: false, refusal: refusalOf(error, issuer) };
  }
}

/** Issuers withdraw their keys, and a promotion may wait for weeks: what was verified before a key was gone stays verified. */
async function claimsOf(
  token: string,
  { signedAt, isKnown }: Moments,
  { issuer, keys }: Vouching,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      algorithms: ALGORITHMS,
      currentDate: signedAt,
      clockTolerance: SKEW_MS / 1_000,
      requiredClaims: ['exp', 'iat', 'sub', 'aud'],
    });
    return payload;
  } catch (error) {
    const isWithdrawn = isKnown && error instanceof errors.JWKSNoMatchingKey;
    const payload = isWithdrawn ? decodeJwt(token) : undefined;
    if (payload?.iss !== issuer) throw error;
    return payload;
  }
}

function claimsAnswer(
  payload: JWTPayload,
  kid: string,
  { signedAt, arrivedAt }: Moments,
  audience: string,
): IdTokenAnswer {
  const { aud, nonce, iat = 0, exp = 0 } = payload;
  // a token for several receivers is a credential for each of them
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (only !== audience) {
    return no('identity-other-audience', 'the identity token is for somebody else', audience, String(aud));
  }
  if (iat * 1_000 > signedAt.getTime() + SKEW_MS) {
    return no('identity-expired', 'the identity token is younger than what it should vouch for');
  }
  if (exp * 1_000 <= arrivedAt.getTime() - SKEW_MS) return late(exp, arrivedAt);
  if (nonce === undefined) {
    return no('identity-unbound', 'the issuer did not put the nonce into the token: it vouches for no key');
  }
  if (nonce !== kid) return no('identity-unbound', 'the identity token vouches for another key', kid, String(nonce));
  return { ok: true, claims: payload };
}

/** Whoever has left a group keeps their last token, and writes into an answer what time they like. */
function late(exp: number, arrivedAt: Date): IdTokenAnswer {
  const message = 'the answer arrived when the identity token had ended: nobody vouches any more for who signed it';
  const ended = `arrived at ${arrivedAt.toISOString()}, the token ended at ${new Date(exp * 1_000).toISOString()}`;
  return no('approval-stale', message, 'an answer that arrives while the login lasts', ended);
}

function refusalOf(error: errors.JOSEError, issuer: string): Refusal {
  if (error instanceof errors.JWTExpired) {
    return refusal('identity-expired', 'the identity token had expired when the answer was signed');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim } = error;
    if (claim === 'iss') return refusal('identity-untrusted', 'the identity token is from another issuer', issuer);
    if (claim === 'aud') return refusal('identity-other-audience', 'the identity token is for somebody else');
    if (claim === 'nbf') return refusal('identity-expired', 'the identity token was not yet good');
    return refusal('identity-untrusted', `the identity token lacks a good "${claim}"`);
  }
  return refusal('identity-untrusted', 'the identity token was not signed by the issuer', issuer, error.code);
}

function no(code: Refusal['code'], message: string, expected?: string, got?: string): IdTokenAnswer {
  return { ok: false, refusal: refusal(code, message, expected, got) };
}

function refusal(code: Refusal['code'], message: string, expected?: string, got?: string): Refusal {
  return {
    code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got: got.slice(0, 100) }),
    remedy: 'log in again ("sluice login") and answer again',
  };
}
