/** A key vault on loopback: TLS, the challenge that Azure Key Vault makes, and keys that a test lays into it. */
import { type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '../../../local/acr-emulator/certificates.ts';

export interface FakeVault {
  /** Address of a key's version. */
  url(name: string, version: string): string;
  readonly ca: string;
  /** Paths that were asked with a token. */
  readonly asked: readonly string[];
  /** From now on `<name>/<version>` is this. */
  lay(name: string, version: string, answer: Answer): void;
  close(): Promise<void>;
}

/** A public key as the vault describes one, an error, or no answer at all. */
export type Answer =
  | { readonly key: KeyObject | object; readonly attributes?: object; readonly version?: string }
  | { readonly status: number; readonly error: object }
  | 'reset';

export const VERSION = '0123456789abcdef0123456789abcdef';
export const TOKEN = 'token-of-the-worker';

export async function startFakeVault(): Promise<FakeVault> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-vault-'));
  const { key, cert, caFile } = await issueCertificate(folder, ['127.0.0.1', 'localhost']);
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const { origin, pathname } = new URL(request.url ?? '/', 'https://vault.test');
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return challenge(response, origin);
    asked.push(pathname);
    const answer = answers.get(pathname) ?? {
      status: 404,
      error: { code: 'KeyNotFound', message: 'A key was not found' },
    };
    if (answer === 'reset') return request.socket.destroy();
    if ('status' in answer) return say(response, answer.status, { error: answer.error });
    const [, , name = '', version = ''] = pathname.split('/');
    const kid = `${addressOf(server)}/keys/${name}/${answer.version ?? version}`;
    say(response, 200, { key: { kid, ...jwkOf(answer.key) }, attributes: { enabled: true, ...answer.attributes } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: (name, version) => `${addressOf(server)}/keys/${name}/${version}`,
    ca: readFileSync(caFile, 'utf8'),
    asked,
    lay: (name, version, answer) => void answers.set(`/keys/${name}/${version}`, answer),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

/** Azure's vaults refuse the first request and name the tenant and the resource. */
function challenge(response: ServerResponse, origin: string): void {
  const authority = 'authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000"';
  response.setHeader('WWW-Authenticate', `Bearer ${authority}, resource="https://vault.azure.net"`);
  say(response, 401, { error: { code: 'Unauthorized', message: `AKV10000: ${origin}` } });
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function addressOf(server: Server): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function jwkOf(key: KeyObject | object): object {
  return 'export' in key ? (key.export({ format: 'jwk' }) as object) : key;
}
