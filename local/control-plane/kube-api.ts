/**
 * The Kubernetes API as this local world needs it: one keep-alive agent, JSON in and out, a time limit on every call.
 * Sluice itself talks to clusters through `src/adapters`; this client only serves the simulated ones.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_TYPE = 'application/json';
const TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const FIELD_MANAGER = 'sluice-local';

export interface Endpoint {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
}

/** An answer of the API server outside 2xx. `reason` is Kubernetes' own word, e.g. `NotFound`, `Forbidden`, `Expired`. */
export class KubeApiError extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(what: string, status: number, reason: string, message: string) {
    super(`${what}: ${status} ${reason}: ${message}`);
    this.name = 'KubeApiError';
    this.status = status;
    this.reason = reason;
  }
}

export interface KubeApi {
  readonly endpoint: Endpoint;
  get<T>(path: string): Promise<T>;
  create<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown, type: string): Promise<T>;
  remove(path: string, body?: unknown): Promise<void>;
  /** Server-side apply as this world's own field manager, taking over what others set. */
  apply<T>(path: string, body: unknown): Promise<T>;
  /** The open answer of a GET without time limit; rejects with {@link KubeApiError} when it is not 200. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** Reads the current context of a kubeconfig that carries its CA and a token, as the local control plane writes them. */
export function readKubeconfig(path: string): Endpoint {
  const config = parse(readFileSync(path, 'utf8'));
  const named = (list: { name: string }[] | undefined, name: string): Record<string, never> | undefined =>
    list?.find((entry) => entry.name === name) as never;
  const context = named(config?.contexts, config?.['current-context'])?.['context'] as
    { cluster: string; user: string } | undefined;
  const cluster = named(config?.clusters, context?.cluster ?? '')?.['cluster'];
  const user = named(config?.users, context?.user ?? '')?.['user'];
  const ca = cluster?.['certificate-authority-data'];
  if (cluster?.['server'] === undefined || ca === undefined || user?.['token'] === undefined) {
    throw new Error(
      `${path}: expected a kubeconfig with certificate-authority-data and a token, as the local control plane writes it`,
    );
  }
  return { server: cluster['server'], ca: Buffer.from(ca, 'base64').toString(), token: user['token'] };
}

export function kubeApi(endpoint: Endpoint): KubeApi {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca: endpoint.ca });
  const call = async <T>(method: string, path: string, body?: unknown, type = JSON_TYPE): Promise<T> => {
    const response = await send(endpoint, agent, method, path, AbortSignal.timeout(TIMEOUT_MS), body, type);
    return readAnswer<T>(`${method} ${path}`, response);
  };
  return {
    endpoint,
    get: (path) => call('GET', path),
    create: (path, body) => call('POST', path, body),
    patch: (path, body, type) => call('PATCH', path, body, type),
    remove: async (path, body) => void (await call('DELETE', path, body)),
    apply: (path, body) => call('PATCH', `${path}?fieldManager=${FIELD_MANAGER}&force=true`, body, APPLY),
    async stream(path, signal) {
      // A watch holds its connection for ever, so it never takes one of the agent's.
      const response = await send(endpoint, new Agent({ ca: endpoint.ca }), 'GET', path, signal);
      if (response.statusCode !== 200) await readAnswer(`GET ${path}`, response);
      return response;
    },
    close: () => agent.destroy(),
  };
}

function send(
  endpoint: Endpoint,
  agent: Agent,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: unknown,
  type = JSON_TYPE,
): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${endpoint.token}`,
    accept: JSON_TYPE,
    // Node sends the body of a DELETE without a length unless told.
    ...(text === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint.server + path, { method, agent, headers, signal }, resolve);
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

async function readAnswer<T>(what: string, response: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Error(`${what}: an answer of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return JSON.parse(text) as T;
  throw new KubeApiError(what, status, ...statusOf(text));
}

/** `reason` and `message` of a Kubernetes Status, or the start of whatever else came. */
function statusOf(text: string): [string, string] {
  try {
    const body = JSON.parse(text);
    return [String(body.reason ?? 'Unknown'), String(body.message ?? '')];
  } catch {
    return ['Unknown', text.slice(0, 200)];
  }
}
