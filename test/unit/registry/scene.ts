/** An ACR on the wire: the token flow plays along, everything else is up to the test. */
import type { TokenCredential } from '@azure/core-auth';
import { type Acr, type AcrOptions, createAcr } from '../../../src/adapters/registry/acr/create-acr.ts';
import { json, startWire, type Wire, type WireAnswer } from './wire.ts';

export const SUBSCRIPTION = '00000000-0000-4000-8000-0000000000ab';
export const RESOURCE_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/here-rg/providers/Microsoft.ContainerRegistry/registries/here`;
export const SOURCE_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/there-rg/providers/Microsoft.ContainerRegistry/registries/there`;

/** Every secret of the scene contains one of these. */
export const SECRETS = ['ENTRASECRET', 'REFRESHSECRET', 'ACCESSSECRET', 'SIGNEDSECRET'];

/** A refresh token that the Azure SDK can read: three parts, `exp` in the second. */
export const REFRESH_TOKEN = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp: 4_000_000_000, jti: 'REFRESHSECRET' })).toString('base64url')}.REFRESHSECRET`;

export interface Scene {
  readonly wire: Wire;
  readonly acr: Acr;
  /** Another adapter on the same wire. */
  adapter(options?: Partial<AcrOptions>): Acr;
  /** Access tokens are valid until this is called. */
  revokeTokens(): void;
  tokenCalls(): number;
}

export const CREDENTIAL: TokenCredential = {
  getToken: (scopes) =>
    Promise.resolve({ token: `eyJ0.ENTRASECRET-${String(scopes)}.x`, expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** No pauses between attempts. */
export const QUICK = { attempts: 3, pauseMs: 1, longestPauseMs: 1000 };

export async function startScene(options: Partial<AcrOptions> = {}): Promise<Scene> {
  const wire = await startWire();
  let generation = 1;
  wire.on('POST', '/oauth2/exchange', () => json(200, { refresh_token: REFRESH_TOKEN }));
  wire.on('POST', '/oauth2/token', ({ body }) => {
    const scope = new URLSearchParams(body).get('scope') ?? '';
    return json(200, { access_token: `ACCESSSECRET.${String(generation)}.${Buffer.from(scope).toString('hex')}` });
  });
  const adapter = (more: Partial<AcrOptions> = {}): Acr =>
    createAcr({
      name: 'here',
      resourceGroup: 'here-rg',
      subscription: SUBSCRIPTION,
      loginServer: wire.host,
      resourceManager: `https://${wire.host}`,
      ca: wire.ca,
      credential: CREDENTIAL,
      sources: { dev: { resourceId: SOURCE_ID, loginServer: 'there.test' } },
      requestTimeoutMs: 2000,
      transferTimeoutMs: 4000,
      retries: QUICK,
      pollLongestMs: 5,
      ...options,
      ...more,
    });
  return {
    wire,
    acr: adapter(),
    adapter,
    revokeTokens: () => {
      generation += 1;
    },
    tokenCalls: () => wire.seen.filter(({ path }) => path === '/oauth2/token').length,
  };
}

/** The 401 of a registry, with its challenge. */
export function challenge(wire: Wire, scope = 'repository:iam:pull', error?: string): WireAnswer {
  const more = error === undefined ? '' : `,error="${error}"`;
  const header = `Bearer realm="https://${wire.host}/oauth2/token",service="${wire.host}",scope="${scope}"${more}`;
  return json(
    401,
    { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required, visit https://aka.ms/acr/authorization' }] },
    { 'www-authenticate': header },
  );
}

/** Lets an answer through only to those who show a token. */
export function guarded(
  wire: Wire,
  answer: () => WireAnswer,
): (seen: { headers: Record<string, unknown> }) => WireAnswer {
  return ({ headers }) => (headers.authorization === undefined ? challenge(wire) : answer());
}
