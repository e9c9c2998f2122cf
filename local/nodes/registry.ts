/** One registry as a node sees it: open a path with the right token, follow a redirect to storage, say clearly what failed. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import * as failure from './pull-error.ts';
import { readAll, registryHttp } from './registry-http.ts';
import { LoginError, type NodeIdentity, registryLogin } from './registry-login.ts';

export interface RegistryAccess {
  /** PEM of the authority that signed the registry's certificate. */
  readonly caFile: string;
  readonly identity: NodeIdentity;
}

export interface RegistryRequest {
  readonly image: string;
  readonly repository: string;
  readonly path: string;
  readonly accept: string;
}

export interface Registry {
  url(path: string): string;
  /** The answer, which is 200 or 404; anything else is thrown as a `PullError`. */
  open(request: RegistryRequest, signal: AbortSignal): Promise<IncomingMessage>;
  read(response: IncomingMessage, limit: number): Promise<Buffer>;
  close(): void;
}

const UNAUTHORISED = 401;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function registry(loginServer: string, access: RegistryAccess): Registry {
  const http = registryHttp(readFileSync(access.caFile, 'utf8'));
  const login = registryLogin(loginServer, http, access.identity);
  const url = (path: string): string => `https://${loginServer}${path}`;

  async function ask(request: RegistryRequest, signal: AbortSignal, fresh: boolean): Promise<IncomingMessage> {
    const token = await tokenFor(request, signal, fresh);
    const headers = { authorization: `Bearer ${token}`, accept: request.accept };
    try {
      const response = await http.get(url(request.path), headers, signal);
      if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
      response.resume();
      // Storage has its own signature in the address and must not see the registry's token.
      return await http.get(new URL(response.headers.location ?? '', url(request.path)).href, {}, signal);
    } catch (error) {
      throw failure.unreachable(request.image, url(request.path), error);
    }
  }

  async function tokenFor(request: RegistryRequest, signal: AbortSignal, fresh: boolean): Promise<string> {
    try {
      return await login.pullToken(request.repository, signal, fresh);
    } catch (error) {
      if (error instanceof LoginError) throw failure.notAuthorised(request.image, error.message);
      throw failure.unreachable(request.image, url('/oauth2/token'), error);
    }
  }

  return {
    url,
    async open(request, signal) {
      let response = await ask(request, signal, false);
      if (response.statusCode === UNAUTHORISED) {
        response.resume();
        response = await ask(request, signal, true); // the token may have been revoked or have run out
      }
      if (response.statusCode === 200 || response.statusCode === 404) return response;
      response.resume();
      if (response.statusCode === UNAUTHORISED) throw failure.denied(request.image);
      throw failure.unexpectedStatus(request.image, url(request.path), response.statusCode ?? 0);
    },
    read: readAll,
    close: () => http.close(),
  };
}
