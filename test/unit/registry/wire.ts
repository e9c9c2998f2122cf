/** A scripted HTTPS server that plays registry, token endpoint and Azure Resource Manager: every byte under the test's control. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface Seen {
  readonly method: string;
  /** Decoded path without query. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The connection dies before the answer, or in the middle of its body. */
  readonly cut?: 'before' | 'body';
  /** No answer at all. */
  readonly silent?: boolean;
}

export type Handler = (seen: Seen, count: number) => WireAnswer | undefined;

export interface Wire {
  readonly host: string;
  readonly ca: string;
  readonly seen: Seen[];
  /** Answers the request, or leaves it to the handlers that were added before. The count is that of matching calls, from 1. */
  on(method: string, path: string | RegExp, handler: Handler): void;
  close(): Promise<void>;
}

export async function startWire(): Promise<Wire> {
  const { key, cert } = await theCertificate;
  const routes: {
    readonly method: string;
    readonly path: string | RegExp;
    readonly handler: Handler;
    count: number;
  }[] = [];
  const seen: Seen[] = [];

  function answerFor(request: Seen): WireAnswer {
    for (const route of routes) {
      const fits = typeof route.path === 'string' ? route.path === request.path : route.path.test(request.path);
      if (route.method !== request.method || !fits) continue;
      route.count += 1;
      const answer = route.handler(request, route.count);
      if (answer !== undefined) return answer;
    }
    return { status: 599, body: `no handler for ${request.method} ${request.path}` };
  }

  const server = createServer({ key, cert }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const one = seenOf(request, Buffer.concat(pieces).toString('latin1'));
      seen.push(one);
      write(response, answerFor(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    ca: cert,
    seen,
    on: (method, path, handler) => routes.unshift({ method, path, handler, count: 0 }),
    close: () => closed(server),
  };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An error as registries say it. */
export function registryError(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  return json(status, { errors: [{ code, message: `${code} it is` }] }, headers);
}

function seenOf(request: IncomingMessage, body: string): Seen {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  return { method: request.method ?? '', path: decodeURIComponent(path), query, headers: request.headers, body };
}

function write(response: ServerResponse, answer: WireAnswer): void {
  if (answer.silent === true) return;
  if (answer.cut === 'before') return void response.socket?.destroy();
  const body = Buffer.from(answer.body ?? '');
  const chunked = answer.headers?.['transfer-encoding'] !== undefined;
  const headers = { ...(chunked ? {} : { 'content-length': String(body.length) }), ...answer.headers };
  response.writeHead(answer.status, headers);
  if (answer.cut !== 'body') return void response.end(body);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/** One for all servers of a test process. */
const theCertificate = certificate();

async function certificate(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=wire',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'), cert: cert.toString('pem') };
}
