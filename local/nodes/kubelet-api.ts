/**
 * The one thing the API server asks of these nodes: containers' logs (`kubectl logs`). HTTPS with a certificate made at
 * start, which the API server does not check; on 127.0.0.1, without authentication.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { ContainerLog } from './container-log.ts';

export interface KubeletApi {
  readonly port: number;
  close(): void;
}

type FindLog = (namespace: string, pod: string, container: string) => ContainerLog | undefined;

const ADDRESS = '127.0.0.1';
const YEAR_MS = 365 * 24 * 3600 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function serveKubeletApi(findLog: FindLog): Promise<KubeletApi> {
  const server = createServer(await selfSigned(), (request, response) => answer(findLog, request, response));
  await listen(server);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** `GET /containerLogs/<namespace>/<pod>/<container>?tailLines=&timestamps=` (kubelet, `pkg/kubelet/server`). */
function answer(findLog: FindLog, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', `https://${ADDRESS}`);
  // Names of Kubernetes objects need no escaping.
  const [, kind, namespace = '', pod = '', container = ''] = url.pathname.split('/');
  if (request.method !== 'GET' || kind !== 'containerLogs') {
    response.writeHead(501).end('simulated nodes serve logs only');
    return;
  }
  const log = findLog(namespace, pod, container);
  if (log === undefined) {
    response.writeHead(404).end(`container "${container}" of pod "${namespace}/${pod}" is not here`);
    return;
  }
  const tail = url.searchParams.get('tailLines');
  const lines = log.lines(tail === null ? undefined : Number(tail), url.searchParams.get('timestamps') === 'true');
  response.writeHead(200, { 'content-type': 'text/plain' }).end(lines.map((line) => `${line}\n`).join(''));
}

async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=simulated-node',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - YEAR_MS),
    notAfter: new Date(Date.now() + 10 * YEAR_MS),
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, ADDRESS, resolve);
  });
}
