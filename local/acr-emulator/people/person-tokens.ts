/** What a person's sign-in yields: an id token for the client, an access token for its audience (Entra, version 2.0). */
import { createHash, randomUUID } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { groupIds, type People } from './directory.ts';
import type { Grant, SignInSettings } from './grants.ts';
import type { SigningKeys } from './signing-keys.ts';

/** More groups than that are not in a JWT of Entra's. */
export const MOST_GROUPS = 200;

export interface Issuer {
  /** `https://host:port` as the client addressed it. */
  readonly origin: string;
  readonly tenant: string;
  readonly people: People;
  readonly keys: SigningKeys;
  readonly settings: SignInSettings;
}

export interface TokenAnswer {
  readonly token_type: 'Bearer';
  readonly scope: string;
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
  readonly id_token?: string;
}

export async function issueTokens(issuer: Issuer, grant: Grant): Promise<TokenAnswer> {
  const { scopes, client } = grant;
  const expires = issuer.settings.idTokenSeconds;
  return {
    token_type: 'Bearer',
    scope: scopes.join(' '),
    expires_in: expires,
    ext_expires_in: expires,
    access_token: await sign(issuer, client.audience, {
      ...personClaims(issuer, grant),
      azp: client.clientId,
      azpacr: '0',
      scp: scopes.join(' '),
    }),
    ...(scopes.includes('openid') ? { id_token: await sign(issuer, client.clientId, idClaims(issuer, grant)) } : {}),
  };
}

function idClaims(issuer: Issuer, grant: Grant): JWTPayload {
  return { ...personClaims(issuer, grant), ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }) };
}

function personClaims(issuer: Issuer, grant: Grant): JWTPayload {
  const { user, client, scopes } = grant;
  const names = { name: user.displayName, preferred_username: user.name };
  return {
    // Another one for each client, as Entra's: who wants to know a person again takes `oid`.
    sub: createHash('sha256').update(`${user.oid} ${client.clientId}`).digest('base64url'),
    oid: user.oid,
    tid: issuer.tenant,
    ver: '2.0',
    ...(scopes.includes('profile') ? names : {}),
    ...groupClaims(issuer, grant),
    ...(user.roles === undefined || user.roles.length === 0 ? {} : { roles: user.roles }),
  };
}

/** The ids, or where to ask for them: a receiver that takes "no groups here" for "in no group" is wrong. */
function groupClaims({ people, settings, origin }: Issuer, { user }: Grant): JWTPayload {
  const groups = groupIds(people, user);
  if (groups.length === 0) return {};
  if (groups.length <= MOST_GROUPS || !settings.groupOverage) return { groups };
  const endpoint = `${origin}/v1.0/users/${user.oid}/getMemberObjects`;
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
}

async function sign(issuer: Issuer, audience: string, claims: JWTPayload): Promise<string> {
  const now = Math.floor(issuer.settings.now() / 1000);
  const { kid, key } = await issuer.keys.current();
  return new SignJWT({ ...claims, uti: randomUUID() })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .setIssuer(`${issuer.origin}/${issuer.tenant}/v2.0`)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + issuer.settings.idTokenSeconds)
    .sign(key);
}
