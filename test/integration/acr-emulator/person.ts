/** A person's browser, a device that asks for a code, and a verifier that knows only the issuer's address. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload } from 'jose';
import { Agent, fetch as undiciFetch } from 'undici';
import { SLUICE_CLIENT_ID } from '../../../local/acr-emulator/index.ts';
import { TENANT, type Answer, type Probe } from './probe.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const RETURN_TO = 'http://127.0.0.1:53123/signed-in';
const FORM = 'application/x-www-form-urlencoded';

type Fields = Readonly<Record<string, string>>;

export function post(probe: Probe, path: string, fields: Fields, headers: Fields = {}): Promise<Answer> {
  const body = new URLSearchParams(fields).toString();
  return probe.ask('arm', 'POST', path, { headers: { 'content-type': FORM, ...headers }, body });
}

export function beginDevice(probe: Probe, more: Fields = {}): Promise<Answer> {
  const fields = { client_id: SLUICE_CLIENT_ID, scope: 'openid profile', ...more };
  return post(probe, `/${TENANT}/oauth2/v2.0/devicecode`, fields);
}

export function askToken(probe: Probe, fields: Fields): Promise<Answer> {
  return post(probe, `/${TENANT}/oauth2/v2.0/token`, { client_id: SLUICE_CLIENT_ID, ...fields });
}

export function poll(probe: Probe, deviceCode: string, more: Fields = {}): Promise<Answer> {
  return askToken(probe, { grant_type: DEVICE_GRANT, device_code: deviceCode, ...more });
}

/** Opens the page and submits its form, with the cookie and the hidden field that it came with. */
export async function submitPage(probe: Probe, path: string, fields: Fields): Promise<Answer> {
  const page = await probe.ask('arm', 'GET', path);
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.bytes.toString('utf8'))?.[1] ?? '';
  const cookie = page.headers['set-cookie']?.split(';')[0] ?? '';
  return post(probe, path, { csrf, ...fields }, { cookie, origin: probe.emulator.resourceManager });
}

/** From device code to tokens, by the switch instead of the page. */
export async function signInByDevice(probe: Probe, user: string, more: Fields = {}): Promise<any> {
  const begun = (await beginDevice(probe, more)).json();
  probe.emulator.signIn.decide(begun.user_code, user, 'approve');
  return (await poll(probe, begun.device_code)).json();
}

export interface Verifier {
  /** The claims; throws what jose throws. */
  verify(token: string, audience?: string): Promise<JWTPayload>;
  close(): Promise<void>;
}

/** Reads the issuer's document and keys over HTTPS, as a verifier elsewhere would. */
export async function startVerifier(probe: Probe, now: () => number = Date.now): Promise<Verifier> {
  const agent = new Agent({ connect: { ca: readFileSync(probe.emulator.caFile) } });
  const { issuer } = probe.emulator.signIn;
  const found = await undiciFetch(`${issuer}/.well-known/openid-configuration`, { dispatcher: agent });
  const document = (await found.json()) as { issuer: string; jwks_uri: string };
  const keys = createRemoteJWKSet(new URL(document.jwks_uri), {
    cooldownDuration: 0,
    cacheMaxAge: 0,
    [customFetch]: (url, init) =>
      undiciFetch(url, { ...init, dispatcher: agent } as object) as unknown as Promise<Response>,
  });
  return {
    verify: async (token, audience = SLUICE_CLIENT_ID) => {
      const expected = { issuer: document.issuer, audience, algorithms: ['RS256'], currentDate: new Date(now()) };
      return (await jwtVerify(token, keys, expected)).payload;
    },
    close: () => agent.close(),
  };
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function makePkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function authorizePath(challenge: string, more: Fields = {}): string {
  const query = new URLSearchParams({
    client_id: SLUICE_CLIENT_ID,
    response_type: 'code',
    redirect_uri: RETURN_TO,
    scope: 'openid profile',
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  });
  return `/${TENANT}/oauth2/v2.0/authorize?${query}`;
}
