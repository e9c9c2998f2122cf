/**
 * How a node logs in to ACR: the managed identity's Entra token, exchanged for a registry refresh token, exchanged for an
 * access token of one repository's scope (Azure/acr, AAD-OAuth.md). The node never holds a password.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { getPlain, readAll, type RegistryHttp } from './registry-http.ts';

/** A host's managed-identity endpoint and the identity to assume there (App Service protocol, 2019-08-01). */
export interface NodeIdentity {
  readonly endpoint: string;
  /** Value of `X-IDENTITY-HEADER`: a secret of the host. */
  readonly header: string;
  readonly clientId: string;
}

export interface RegistryLogin {
  /** An access token for pulling from the repository; kept until it is about to expire, or `fresh` is wanted. */
  pullToken(repository: string, signal: AbortSignal, fresh?: boolean): Promise<string>;
}

/** A step of the login that was refused; the message names the request and the answer. */
export class LoginError extends Error {
  constructor(request: string, status: number, body: string) {
    super(`unexpected status from ${request}: ${status} ${STATUS_CODES[status] ?? ''}: ${body.slice(0, 300)}`);
    this.name = 'LoginError';
  }
}

const AUDIENCE = 'https://containerregistry.azure.net';
const API_VERSION = '2019-08-01';
const MAX_ANSWER_BYTES = 64 * 1024;
/** Renewed so long before the end. */
const MARGIN_MS = 60_000;

export function registryLogin(loginServer: string, http: RegistryHttp, identity: NodeIdentity): RegistryLogin {
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();
  return {
    async pullToken(repository, signal, fresh = false) {
      const kept = tokens.get(repository);
      if (kept !== undefined && !fresh && Date.now() < kept.until) return kept.token;
      const refreshToken = await exchange(loginServer, http, await identityToken(identity, signal), signal);
      const token = await accessToken(loginServer, http, refreshToken, repository, signal);
      tokens.set(repository, { token, until: expiryOf(token) - MARGIN_MS });
      return token;
    },
  };
}

async function identityToken(identity: NodeIdentity, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams({
    'api-version': API_VERSION,
    resource: AUDIENCE,
    client_id: identity.clientId,
  });
  const response = await getPlain(`${identity.endpoint}?${query}`, { 'X-IDENTITY-HEADER': identity.header }, signal);
  return field(await answer(`GET ${identity.endpoint}`, response), 'access_token');
}

async function exchange(loginServer: string, http: RegistryHttp, token: string, signal: AbortSignal): Promise<string> {
  const url = `https://${loginServer}/oauth2/exchange`;
  const form = { grant_type: 'access_token', service: loginServer, access_token: token };
  return field(await answer(`POST request to ${url}`, await http.postForm(url, form, signal)), 'refresh_token');
}

async function accessToken(
  loginServer: string,
  http: RegistryHttp,
  refreshToken: string,
  repository: string,
  signal: AbortSignal,
): Promise<string> {
  const url = `https://${loginServer}/oauth2/token`;
  const form = {
    grant_type: 'refresh_token',
    service: loginServer,
    scope: `repository:${repository}:pull`,
    refresh_token: refreshToken,
  };
  return field(await answer(`POST request to ${url}`, await http.postForm(url, form, signal)), 'access_token');
}

async function answer(request: string, response: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readAll(response, MAX_ANSWER_BYTES)).toString();
  if (response.statusCode !== 200) throw new LoginError(request, response.statusCode ?? 0, text);
  return JSON.parse(text);
}

function field(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new Error(`expected "${name}" in the answer, got ${Object.keys(body).join(', ') || 'nothing'}`);
}

/** `exp` of a JWT in milliseconds; a token that is none is not kept. */
function expiryOf(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims.exp === 'number' ? claims.exp * 1000 : 0;
  } catch {
    return 0;
  }
}
