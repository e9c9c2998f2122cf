/** Authorization codes with PKCE (RFC 7636): one use, one client, one return address, one secret that made them. */
import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';
import { forgetExpired, type Grant, type SignInSettings } from './grants.ts';

interface AuthorizationCode {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresAt: number;
  redeemed: boolean;
}

export interface Redemption {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

export class AuthorizationCodes {
  readonly #settings: SignInSettings;
  readonly #codes = new Map<string, AuthorizationCode>();

  constructor(settings: SignInSettings) {
    this.#settings = settings;
  }

  issue(grant: Grant, redirectUri: string, challenge: string): string {
    const now = this.#settings.now();
    forgetExpired(this.#codes, now);
    const code = randomBytes(32).toString('base64url');
    const expiresAt = now + this.#settings.authorizationCodeSeconds * 1000;
    this.#codes.set(code, { grant, redirectUri, challenge, expiresAt, redeemed: false });
    return code;
  }

  redeem({ code, clientId, redirectUri, verifier }: Redemption): Grant {
    const known = this.#codes.get(code);
    if (known === undefined || known.grant.client.clientId !== clientId) {
      throw refuse("AADSTS70000: The provided value for the 'code' parameter is not valid.");
    }
    if (known.redeemed) throw refuse('AADSTS54005: OAuth2 Authorization code was already redeemed.');
    if (known.expiresAt <= this.#settings.now()) {
      throw refuse('AADSTS70008: The provided authorization code or refresh token has expired.');
    }
    if (known.redirectUri !== redirectUri) {
      throw refuse('AADSTS500112: The reply address does not match the one of the authorization request.');
    }
    if (createHash('sha256').update(verifier).digest('base64url') !== known.challenge) {
      throw refuse('AADSTS501481: The Code_Verifier does not match the code_challenge of the authorization request.');
    }
    known.redeemed = true;
    return known.grant;
  }
}

function refuse(message: string): Refusal {
  return new Refusal(400, 'invalid_grant', message);
}
