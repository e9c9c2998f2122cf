/** Refresh tokens of people, for those who asked for `offline_access`: opaque, each good for one use. */
import { randomBytes } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';
import type { Grant } from './grants.ts';

export class RefreshTokens {
  readonly #grants = new Map<string, Grant>();

  issue(grant: Grant): string {
    const token = randomBytes(32).toString('base64url');
    this.#grants.set(token, grant);
    return token;
  }

  redeem(token: string, clientId: string): Grant {
    const grant = this.#grants.get(token);
    if (grant === undefined || grant.client.clientId !== clientId) {
      throw new Refusal(400, 'invalid_grant', 'AADSTS70008: The refresh token is unknown, was used or has expired.');
    }
    this.#grants.delete(token);
    // The nonce belongs to the sign-in that asked for it.
    return { ...grant, nonce: undefined };
  }
}
