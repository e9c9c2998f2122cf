/** A small OIDC issuer over HTTP on loopback: discovery, keys that can be rotated, device codes, and tokens as a test wants them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const CLIENT_ID = '11111111-aaaa-4aaa-8aaa-000000000501';
export const GROUP_ID = '22222222-bbbb-4bbb-8bbb-000000000301';

export interface TestIssuer {
  readonly issuer: string;
  /** Questions for its keys so far. */
  readonly asked: () => number;
  /** Signs an id token; `claims` replace the usual ones, undefined takes one away. */
  idToken(nonce: string | undefined, at: Date, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Another key signs from now on; the one before is not published any more. */
  rotate(): Promise<void>;
  /** What is answered to the next requests for a path, instead of the truth. */
  readonly broken: Map<string, { readonly status: number; readonly body: string }>;
  /** Answers of the token endpoint to polls, in turn; then an id token for the nonce that the device code was asked with. */
  readonly polls: string[];
  /** False: the issuer forgets the nonce, as some do. */
  keepsNonce: boolean;
  close(): Promise<void>;
}

interface Key {
  readonly kid: string;
  readonly key: CryptoKey;
  readonly jwk: JWK;
}

export async function startIssuer(): Promise<TestIssuer> {
  let serial = 0;
  let asked = 0;
  let nonce = '';
  const makeKey = async (): Promise<Key> => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    serial += 1;
    const kid = `key-${serial}`;
    return { kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
  };
  let current = await makeKey();
  const broken: TestIssuer['broken'] = new Map();
  const polls: string[] = [];

  async function answer(path: string, form: URLSearchParams): Promise<object> {
    if (path.endsWith('/openid-configuration')) {
      return {
        issuer: self.issuer,
        jwks_uri: `${self.issuer}/keys`,
        token_endpoint: `${self.issuer}/token`,
        device_authorization_endpoint: `${self.issuer}/device`,
        authorization_endpoint: `${self.issuer}/authorize`,
      };
    }
    if (path === '/keys') {
      asked += 1;
      return { keys: [current.jwk] };
    }
    if (path === '/device') {
      nonce = form.get('nonce') ?? '';
      return { device_code: 'd', user_code: 'BCDF-GHJK', verification_uri: `${self.issuer}/enter`, interval: 0 };
    }
    const waiting = polls.shift();
    if (waiting !== undefined) return { error: waiting };
    // nobody signs in here: a code is the nonce that it was asked for with
    if (form.get('grant_type') === 'authorization_code') nonce = form.get('code') ?? '';
    return { id_token: await self.idToken(self.keepsNonce ? nonce : undefined, new Date()) };
  }

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      const spoilt = broken.get(path);
      if (spoilt !== undefined) {
        response.writeHead(spoilt.status).end(spoilt.body);
        return;
      }
      void answer(path, new URLSearchParams(body)).then((value) => {
        response.writeHead('error' in value ? 400 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: TestIssuer = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    broken,
    polls,
    keepsNonce: true,
    async idToken(nonceOfToken, at, claims = {}) {
      const iat = Math.floor(at.getTime() / 1_000);
      const usual = {
        iss: self.issuer,
        aud: CLIENT_ID,
        sub: 'pairwise-1',
        oid: 'oid-1',
        preferred_username: 'ada@example.test',
        groups: [GROUP_ID],
        iat,
        exp: iat + 3_600,
      };
      const payload = { ...usual, ...(nonceOfToken === undefined ? {} : { nonce: nonceOfToken }), ...claims };
      return new SignJWT(JSON.parse(JSON.stringify(payload)) as Record<string, unknown>)
        .setProtectedHeader({ alg: 'ES256', kid: current.kid })
        .sign(current.key);
    },
    async rotate() {
      current = await makeKey();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}
