/**
 * ACR's token flow (Azure/acr, docs/AAD-OAuth.md): Entra token → registry refresh token → access token per scope.
 * Access tokens are kept per scope, and renewed when the registry says 401; a refresh token lives for hours and serves them all.
 */
import type { TokenCredential } from '@azure/core-auth';
import { type Attempt, errorOfAnswer, protocolError } from './errors.ts';
import { errorOfIdentity } from './network-errors.ts';
import { refusedFrom } from './oci-answers.ts';
import type { HttpAnswer, Transport } from './transport.ts';

export const ACR_AUDIENCE = 'https://containerregistry.azure.net';

const TOKEN_LIMIT = 64 * 1024;
const CHALLENGE_PAIR = /(\w+)="([^"]*)"/g;

export interface OciAuth {
  /** A token for the scope, or undefined as long as the registry has not said how it wants to be asked. */
  token(scope: string, attempt: Attempt): Promise<string | undefined>;
  /** A fresh token after a 401. `refusedToken` is what was sent; if another caller has renewed it already, theirs is used. */
  renew(scope: string, refusal: HttpAnswer, refusedToken: string | undefined, attempt: Attempt): Promise<string>;
}

export interface OciAuthOptions {
  readonly origin: URL;
  readonly credential: TokenCredential;
  readonly transport: Transport;
  readonly audience?: string | undefined;
}

export function createOciAuth(options: OciAuthOptions): OciAuth {
  const access = new Map<string, Promise<string>>();
  let service: string | undefined;
  let refresh: Promise<string> | undefined;

  async function refreshToken(attempt: Attempt, stale: string | undefined): Promise<string> {
    if (refresh !== undefined && (await refresh.catch(() => stale)) !== stale) return refresh;
    refresh = exchange(options, service ?? options.origin.host, attempt);
    return refresh;
  }

  async function accessToken(scope: string, attempt: Attempt): Promise<string> {
    const first = await refreshToken(attempt, undefined);
    const form = { grant_type: 'refresh_token', service: service ?? options.origin.host, scope };
    const answer = await post(options, '/oauth2/token', { ...form, refresh_token: first }, attempt);
    if (answer.status !== 401) return tokenOf(answer, 'access_token', attempt);
    const second = await refreshToken(attempt, first);
    return tokenOf(
      await post(options, '/oauth2/token', { ...form, refresh_token: second }, attempt),
      'access_token',
      attempt,
    );
  }

  function obtain(scope: string, attempt: Attempt): Promise<string> {
    const pending = accessToken(scope, attempt);
    access.set(scope, pending);
    // A failure is not worth keeping; whoever waits for it gets it.
    pending.catch(() => access.get(scope) === pending && access.delete(scope));
    return pending;
  }

  return {
    async token(scope, attempt) {
      if (service === undefined) return undefined;
      return access.get(scope) ?? obtain(scope, attempt);
    },
    async renew(scope, refusal, refusedToken, attempt) {
      service ??= serviceOf(refusal, options.origin, attempt);
      const known = access.get(scope);
      if (known !== undefined) {
        const token = await known;
        if (token !== refusedToken) return token;
        if (access.get(scope) !== known) return access.get(scope) ?? obtain(scope, attempt);
      }
      return obtain(scope, attempt);
    },
  };
}

/** Parameters of `WWW-Authenticate: Bearer …` (RFC 6750 section 3). */
export function challengeOf(header: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries([...(header ?? '').matchAll(CHALLENGE_PAIR)].map(([, name, value]) => [name, value]));
}

/** The registry's name for itself; its token endpoint must be its own, or our token would go to a stranger. */
function serviceOf(refusal: HttpAnswer, origin: URL, attempt: Attempt): string {
  const { realm, service } = challengeOf(refusal.headers['www-authenticate']);
  if (realm === undefined || service === undefined) {
    throw protocolError(
      attempt,
      'a Bearer challenge with realm and service',
      refusal.headers['www-authenticate'] ?? 'none',
    );
  }
  if (!URL.canParse(realm) || new URL(realm).origin !== origin.origin) {
    throw protocolError(attempt, `a token endpoint at ${origin.host}`, realm);
  }
  return service;
}

async function exchange(options: OciAuthOptions, service: string, attempt: Attempt): Promise<string> {
  const entra = await entraToken(options, attempt);
  const form = { grant_type: 'access_token', service, access_token: entra };
  return tokenOf(await post(options, '/oauth2/exchange', form, attempt), 'refresh_token', attempt);
}

async function entraToken(options: OciAuthOptions, attempt: Attempt): Promise<string> {
  const scope = `${options.audience ?? ACR_AUDIENCE}/.default`;
  const token = await options.credential.getToken(scope).catch((thrown: unknown) => {
    throw errorOfIdentity(attempt, thrown);
  });
  if (token === null) throw errorOfIdentity(attempt, new Error(`no token for ${scope}`));
  return token.token;
}

function post(
  options: OciAuthOptions,
  path: string,
  form: Readonly<Record<string, string>>,
  attempt: Attempt,
): Promise<HttpAnswer> {
  return options.transport.send(
    {
      method: 'POST',
      url: new URL(path, options.origin),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ ...form }).toString(),
      limit: TOKEN_LIMIT,
    },
    attempt,
  );
}

function tokenOf(answer: HttpAnswer, field: 'access_token' | 'refresh_token', attempt: Attempt): string {
  if (answer.status !== 200) throw errorOfAnswer(attempt, refusedFrom(answer));
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(answer.bytes).toString('utf8'));
  } catch {
    throw protocolError(attempt, `JSON with ${field}`, 'something else');
  }
  const token = (body as Readonly<Record<string, unknown>> | null)?.[field];
  if (typeof token === 'string' && token !== '') return token;
  throw protocolError(attempt, `JSON with ${field}`, 'JSON without it');
}
