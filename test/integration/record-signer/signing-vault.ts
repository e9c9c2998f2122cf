/** A key vault on loopback that signs: TLS, the challenge that Azure Key Vault makes, and the raw form of signatures that it answers with. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '../../../local/acr-emulator/certificates.ts';

export interface SigningVault {
  /** Of the one version of the one key. */
  readonly url: string;
  readonly ca: string;
  /** PEM. */
  readonly publicKey: string;
  /** Node signs no digests: whoever asks for a signature tells beforehand of what. */
  expect(bytes: Uint8Array): void;
  /** What every further signature is answered with; undefined: with the signature. */
  answer: { readonly status: number; readonly error: object } | { readonly value: string } | 'reset' | undefined;
  close(): Promise<void>;
}

export const TOKEN = 'token-of-the-worker';
const PATH = '/keys/records/0123456789abcdef0123456789abcdef';

export async function startSigningVault(): Promise<SigningVault> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-signing-vault-'));
  const { key, cert, caFile } = await issueCertificate(folder, ['127.0.0.1', 'localhost']);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const state: State = { key: pair.privateKey, expected: new Map(), answer: undefined };
  const server = createServer({ key, cert }, (request, response) => void serve(request, response, state));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    ca: readFileSync(caFile, 'utf8'),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    expect: (bytes) => void state.expected.set(createHash('sha256').update(bytes).digest('base64url'), bytes),
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

interface State {
  readonly key: KeyObject;
  /** By digest. */
  readonly expected: Map<string, Uint8Array>;
  answer: SigningVault['answer'];
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { key, expected, answer }: State,
): Promise<void> {
  let body = '';
  for await (const part of request) body += String(part);
  const { pathname } = new URL(request.url ?? '/', 'https://vault.test');
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    const authority = 'authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000"';
    response.setHeader('WWW-Authenticate', `Bearer ${authority}, resource="https://vault.azure.net"`);
    return say(response, 401, { error: { code: 'Unauthorized', message: 'AKV10000' } });
  }
  // the worker may sign, and need not be allowed to read keys
  if (pathname !== `${PATH}/sign`)
    return say(response, 403, { error: { code: 'Forbidden', message: 'no right to get' } });
  if (answer === 'reset') return void request.socket.destroy();
  if (answer !== undefined && 'status' in answer) return say(response, answer.status, { error: answer.error });
  const { alg, value } = JSON.parse(body) as { alg: string; value: string };
  const bytes = expected.get(value.replace(/=+$/, ''));
  if (alg !== 'ES256' || bytes === undefined)
    return say(response, 400, { error: { code: 'BadParameter', message: alg } });
  const raw = sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  say(response, 200, { kid: PATH, value: answer?.value ?? raw });
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
