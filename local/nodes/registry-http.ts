/** HTTPS to a registry: its own CA, time limits, bounded answers, one redirect to storage. */
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { request as httpRequest, type IncomingMessage } from 'node:http';

const IDLE_MS = 20_000;
const TOTAL_MS = 10 * 60_000;

export interface RegistryHttp {
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage>;
  postForm(url: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** `ca` is the PEM of the registry's own authority. */
export function registryHttp(ca: string): RegistryHttp {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca });
  return {
    get: (url, headers, signal) => send(url, { agent, headers }, signal),
    postForm: (url, form, signal) => {
      const text = new URLSearchParams(form).toString();
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(text),
      };
      return send(url, { agent, method: 'POST', headers }, signal, text);
    },
    close: () => agent.destroy(),
  };
}

/** A GET of the host's own plain-http endpoint. */
export function getPlain(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return send(url, { headers }, signal);
}

function send(url: string, options: RequestOptions, signal: AbortSignal, body = ''): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, signal: limit }, resolve);
    outgoing.setTimeout(IDLE_MS, () => outgoing.destroy(new Error(`no byte for ${IDLE_MS / 1000} s`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The whole body; throws when it is longer than `limit` bytes. */
export async function readAll(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > limit) throw new Error(`an answer of more than ${limit} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
