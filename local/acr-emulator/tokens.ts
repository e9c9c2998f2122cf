/**
 * The three kinds of tokens: Entra access tokens (login and managed identity), and a registry's own refresh and access
 * tokens (Azure/acr docs/AAD-OAuth.md). All are ES256 JWTs signed with one key per data folder.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import { readOrCreateJson } from './store/write-file.ts';

/** Seconds. */
export interface TokenLifetimes {
  readonly entra: number;
  readonly refresh: number;
  readonly access: number;
}

/** A day, three hours, 75 minutes: as the services issue them. */
export const DEFAULT_LIFETIMES: TokenLifetimes = { entra: 86_399, refresh: 3 * 3600, access: 75 * 60 };

export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

export interface EntraClaims {
  readonly clientId: string;
  readonly audience: string;
}

export interface RegistryClaims {
  readonly clientId: string;
  readonly access: readonly Access[];
}

const ACR_ISSUER = 'Azure Container Registry';
const KEY_ID = 'sluice-acr-emulator';
const CACHE_LIMIT = 10_000;

interface Verified {
  readonly payload: JWTPayload;
  readonly expiresAt: number;
}

export class TokenService {
  readonly #lifetimes: TokenLifetimes;
  readonly #tenant: string;
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;
  readonly publicJwk: JWK;
  /** Verifying a signature for each request would cost more than serving it. */
  readonly #verified = new Map<string, Verified>();

  private constructor(
    keys: { privateKey: CryptoKey; publicKey: CryptoKey; jwk: JWK },
    tenant: string,
    lifetimes: TokenLifetimes,
  ) {
    this.#privateKey = keys.privateKey;
    this.#publicKey = keys.publicKey;
    this.publicJwk = keys.jwk;
    this.#tenant = tenant;
    this.#lifetimes = lifetimes;
  }

  /** Loads or creates the folder's signing key. */
  static async open(dir: string, tenant: string, lifetimes: TokenLifetimes): Promise<TokenService> {
    const jwk = await readOrCreateJson<JWK>(join(dir, 'token-key.json'), generateKey);
    const { d: _secret, ...publicJwk } = jwk;
    const privateKey = (await importJWK(jwk, 'ES256')) as CryptoKey;
    const publicKey = (await importJWK(publicJwk, 'ES256')) as CryptoKey;
    return new TokenService({ privateKey, publicKey, jwk: publicJwk }, tenant, lifetimes);
  }

  get lifetimes(): TokenLifetimes {
    return this.#lifetimes;
  }

  /** An Entra access token of an application for a resource; `audience` without `/.default`. */
  entra(identity: { clientId: string; objectId: string }, audience: string): Promise<string> {
    const claims = {
      appid: identity.clientId,
      azp: identity.clientId,
      oid: identity.objectId,
      tid: this.#tenant,
      idtyp: 'app',
      ver: '1.0',
    };
    return this.#sign(claims, this.#entraIssuer(), audience, identity.objectId, this.#lifetimes.entra);
  }

  refresh(clientId: string, loginServer: string): Promise<string> {
    const claims = {
      version: '1.0',
      tenant: this.#tenant,
      grant_type: 'refresh_token',
      permissions: { actions: ['read', 'write', 'delete', 'deleted/read', 'deleted/restore/action'], notActions: null },
      roles: [],
    };
    return this.#sign(claims, ACR_ISSUER, loginServer, clientId, this.#lifetimes.refresh);
  }

  access(clientId: string, loginServer: string, access: readonly Access[]): Promise<string> {
    const claims = { version: '1.0', grant_type: 'access_token', access, roles: [] };
    return this.#sign(claims, ACR_ISSUER, loginServer, clientId, this.#lifetimes.access);
  }

  /** The caller named by an Entra token for one of the audiences; undefined when it is no such token (any more). */
  async readEntra(token: string, audiences: readonly string[]): Promise<EntraClaims | undefined> {
    const payload = await this.#verify(token, this.#entraIssuer());
    const audience = typeof payload?.aud === 'string' ? payload.aud : '';
    if (!audiences.includes(withoutSlash(audience))) return undefined;
    return { clientId: String(payload?.['appid']), audience };
  }

  /** The client id in a registry's refresh token. */
  async readRefresh(token: string, loginServer: string): Promise<string | undefined> {
    const payload = await this.#verify(token, ACR_ISSUER);
    if (payload?.aud !== loginServer || payload['grant_type'] !== 'refresh_token') return undefined;
    return payload.sub;
  }

  async readAccess(token: string, loginServer: string): Promise<RegistryClaims | undefined> {
    const payload = await this.#verify(token, ACR_ISSUER);
    if (payload?.aud !== loginServer || payload['grant_type'] !== 'access_token') return undefined;
    return { clientId: payload.sub ?? '', access: payload['access'] as readonly Access[] };
  }

  #entraIssuer(): string {
    return `https://sts.windows.net/${this.#tenant}/`;
  }

  #sign(claims: JWTPayload, issuer: string, audience: string, subject: string, seconds: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: KEY_ID, typ: 'JWT' })
      .setJti(randomUUID())
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + seconds)
      .sign(this.#privateKey);
  }

  async #verify(token: string, issuer: string): Promise<JWTPayload | undefined> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.expiresAt > Date.now()) {
      return known.payload.iss === issuer ? known.payload : undefined;
    }
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, { issuer, algorithms: ['ES256'] });
      if (this.#verified.size >= CACHE_LIMIT) this.#verified.clear();
      this.#verified.set(token, { payload, expiresAt: (payload.exp ?? 0) * 1000 });
      return payload;
    } catch {
      // Expired, foreign, malformed: for the caller all of it is "not a token of ours".
      return undefined;
    }
  }
}

export function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

async function generateKey(): Promise<JWK> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(pair.privateKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' };
}
