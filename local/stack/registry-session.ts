/** Talking to a registry as one emulated identity: managed identity → registry refresh token → access token (Azure/acr, AAD-OAuth.md). */
import { readFileSync } from 'node:fs';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import type { Emulator } from '../acr-emulator/index.ts';

const AUDIENCE = 'https://containerregistry.azure.net';
const API_VERSION = '2019-08-01';

export interface RegistrySession {
  /** A path, or what a Location header said. */
  request(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface RegistryVisitor {
  readonly registry: string;
  /** Host of the managed-identity endpoint. */
  readonly host: string;
  /** The host's first identity unless given. */
  readonly clientId?: string;
  /** E.g. `repository:iam:pull,push`. */
  readonly scope: string;
}

/** Throws with the registry's own words when the identity has no such right. */
export async function openRegistry(emulator: Emulator, visitor: RegistryVisitor): Promise<RegistrySession> {
  const server = emulator.registries[visitor.registry]?.loginServer as string;
  const dispatcher = new Agent({ connect: { ca: readFileSync(emulator.caFile, 'utf8') } });
  const post = (path: string, form: Record<string, string>): Promise<Response> => {
    const body = new URLSearchParams({ service: server, ...form });
    return fetch(`https://${server}${path}`, { method: 'POST', body, dispatcher });
  };
  try {
    const entra = await identityToken(emulator, visitor);
    const exchanged = await post('/oauth2/exchange', { grant_type: 'access_token', access_token: entra });
    const form = { grant_type: 'refresh_token', scope: visitor.scope };
    const refresh_token = await field(exchanged, 'refresh_token');
    const token = await field(await post('/oauth2/token', { ...form, refresh_token }), 'access_token');
    return {
      request: (path, init = {}) => {
        const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` };
        return fetch(new URL(path, `https://${server}`), { ...init, headers, dispatcher });
      },
      close: () => dispatcher.close(),
    };
  } catch (error) {
    await dispatcher.close();
    throw error;
  }
}

async function identityToken(emulator: Emulator, { host, clientId }: RegistryVisitor): Promise<string> {
  const query = new URLSearchParams({ 'api-version': API_VERSION, resource: AUDIENCE });
  if (clientId !== undefined) query.set('client_id', clientId);
  const header = emulator.hosts[host]?.header as string;
  const answer = await fetch(`${emulator.identityEndpoint}?${query}`, { headers: { 'x-identity-header': header } });
  return field(answer, 'access_token');
}

async function field(answer: Response, name: string): Promise<string> {
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${body.slice(0, 300)}`);
  return String((JSON.parse(body) as Record<string, unknown>)[name]);
}
