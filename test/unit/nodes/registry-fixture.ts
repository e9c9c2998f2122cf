/** A registry on the wire, with ACR's login and a host's identity endpoint; for nodes' pulls and their failures. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { RegistryAccess } from '../../../local/nodes/registry.ts';
import type { BuiltImage } from './an-image.ts';

export interface RegistryFixture {
  readonly loginServer: string;
  readonly access: RegistryAccess;
  /** Path and query of every request to the registry, in order. */
  readonly requests: string[];
  /** Overrides the answer to a path: a status, or other content. */
  readonly answers: Map<string, { readonly status: number; readonly body?: Buffer; readonly location?: string }>;
  /** Access tokens given out are refused from now on; the next ones work. */
  revokeTokens(): void;
  push(
    repository: string,
    image: Pick<BuiltImage, 'digest' | 'manifest' | 'mediaType'> & Partial<BuiltImage>,
    tag?: string,
  ): string;
  close(): void;
}

const HEADER = 'a-secret-of-this-host';
const CLIENT = '00000000-0000-4000-8000-000000000121';

export async function startRegistryFixture(): Promise<RegistryFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-registry-'));
  const { key, cert } = await selfSigned();
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, cert);
  const manifests = new Map<string, { mediaType: string; bytes: Buffer }>();
  const blobs = new Map<string, Buffer>();
  const answers: RegistryFixture['answers'] = new Map();
  const requests: string[] = [];
  let generation = 1;

  const identity = createHttpServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const known = request.headers['x-identity-header'] === HEADER && url.searchParams.get('client_id') === CLIENT;
    sendJson(response, known ? 200 : 401, known ? { access_token: 'entra', expires_on: '9999999999' } : {});
  });
  const server = createServer({ key, cert }, (request, response) => {
    requests.push(request.url ?? '');
    const path = (request.url ?? '').split('?')[0] as string;
    if (path.startsWith('/storage/') && request.headers.authorization !== undefined) {
      return sendJson(response, 400, { error: 'storage must not see a token' });
    }
    const forced = answers.get(path);
    if (forced !== undefined) {
      response.writeHead(forced.status, forced.location === undefined ? {} : { location: forced.location });
      response.end(forced.body);
      return;
    }
    if (path.startsWith('/oauth2/')) return void login(request, response, path, generation);
    if (request.headers.authorization !== `Bearer ${accessToken(generation)}` && !path.startsWith('/storage/')) {
      return sendJson(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] });
    }
    const manifest = manifests.get(path);
    const blob = blobs.get(path.slice(path.lastIndexOf('/') + 1));
    if (manifest !== undefined) response.writeHead(200, { 'content-type': manifest.mediaType }).end(manifest.bytes);
    else if (blob !== undefined) response.writeHead(200).end(blob);
    else sendJson(response, 404, { errors: [{ code: 'MANIFEST_UNKNOWN' }] });
  });
  await Promise.all([identity, server].map((one) => new Promise<void>((r) => one.listen(0, '127.0.0.1', () => r()))));
  const loginServer = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoint = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`;
  return {
    loginServer,
    access: { caFile, identity: { endpoint, header: HEADER, clientId: CLIENT } },
    requests,
    answers,
    revokeTokens: () => void generation++,
    push(repository, image, tag) {
      const stored = { mediaType: image.mediaType, bytes: image.manifest };
      for (const name of tag === undefined ? [image.digest] : [image.digest, tag]) {
        manifests.set(`/v2/${repository}/manifests/${name}`, stored);
      }
      for (const [digest, bytes] of image.blobs ?? []) blobs.set(digest, bytes);
      return `${loginServer}/${repository}@${image.digest}`;
    },
    close() {
      for (const one of [identity, server]) {
        one.close();
        one.closeAllConnections();
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A JWT as far as anybody reads it. */
function accessToken(generation: number): string {
  const claims = Buffer.from(JSON.stringify({ exp: 9_999_999_999, generation })).toString('base64url');
  return `e30.${claims}.signature`;
}

async function login(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  generation: number,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  if (path === '/oauth2/exchange' && form.get('access_token') === 'entra') {
    return sendJson(response, 200, { refresh_token: 'refresh' });
  }
  if (path === '/oauth2/token' && form.get('refresh_token') === 'refresh' && form.get('scope')?.endsWith(':pull')) {
    return sendJson(response, 200, { access_token: accessToken(generation) });
  }
  sendJson(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=registry fixture',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}
