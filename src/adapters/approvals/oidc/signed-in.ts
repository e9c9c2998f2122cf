/** What a person has from a sign-in: the issuer's word for whose key it is, by what name, until when. */
import { decodeJwt } from 'jose';
import { PortError } from '../../../ports/port-error.ts';

export interface SignedIn {
  readonly idToken: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Worker and web server check the signature; here the person learns at once that such a token could not be used. */
export function signedInBy(idToken: string, thumbprint: string, audience: string): SignedIn {
  const { nonce, aud, exp = 0, preferred_username: user, email, sub } = decodeJwt(idToken);
  if (nonce !== thumbprint) {
    throw new PortError('identity-unbound', 'the issuer did not put the nonce into the token: it vouches for no key', {
      retry: 'no',
      expected: thumbprint,
      got: typeof nonce === 'string' ? nonce : 'no nonce',
      remedy: 'use a key instead ("sluice login --key FILE"): this issuer keeps no nonce with device codes',
    });
  }
  if (aud !== audience) throw notSignedIn(`the token is for ${String(aud)}, not for ${audience}`);
  const subject = [user, email, sub].find((one): one is string => typeof one === 'string' && one !== '') ?? '';
  return { idToken, subject, expiresAt: new Date(exp * 1_000).toISOString() };
}

/** OAuth 2.0 errors, bounded: they are shown to people. */
export function saidBy({ error, error_description: text }: Readonly<Record<string, unknown>>): string {
  const words = [error, text].filter((one): one is string => typeof one === 'string');
  return words.length === 0 ? 'the issuer answers something else' : words.join(': ').slice(0, 500);
}

export function notSignedIn(got: string, remedy = 'try "sluice login" again'): PortError {
  return new PortError('login-failed', 'nobody was signed in', { retry: 'no', got, remedy });
}
