/** An API server that answers from a script, over plain HTTP on the loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Wire {
  readonly url: string;
  readonly requests: readonly WireRequest[];
  readonly dir: string;
  /** A kubeconfig for it with token `secret`, or with the given user. */
  kubeconfig(user?: object): string;
  close(): Promise<void>;
}

export type Answer = (request: WireRequest, response: ServerResponse) => void;

export async function startWire(answer: Answer): Promise<Wire> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-wire-'));
  const requests: WireRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://wire');
      const { method = 'GET', headers } = incoming;
      const body = Buffer.concat(chunks).toString('utf8');
      const request = { method, path: url.pathname, query: url.searchParams, headers, body };
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    dir,
    kubeconfig(user = { token: 'secret' }) {
      const path = join(dir, 'kubeconfig');
      const config = {
        clusters: [{ name: 'wire', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'user', user }],
        contexts: [{ name: 'wire', context: { cluster: 'wire', user: 'user' } }],
        'current-context': 'wire',
      };
      writeFileSync(path, JSON.stringify(config));
      return path;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
}

export function json(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function status(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', code, reason, message });
}
