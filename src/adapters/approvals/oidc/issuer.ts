/** What an OIDC issuer publishes: its addresses and its keys, fetched within bounds, cached, and fetched again for an unknown key. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { Agent, fetch } from 'undici';
import { PortError } from '../../../ports/port-error.ts';

export interface IssuerOptions {
  readonly issuer: string;
  /** PEM of further certificate authorities. */
  readonly ca?: string;
  /** How long one question may take; 5 s unless given. */
  readonly timeoutMs?: number;
  /** How often an unknown key may make it ask again; 30 s unless given. */
  readonly cooldownMs?: number;
}

export interface Discovery {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly token_endpoint?: string;
  readonly device_authorization_endpoint?: string;
  readonly authorization_endpoint?: string;
}

export interface Issuer {
  discovery(): Promise<Discovery>;
  /** Throws `identity-unreachable`, also where the keys are too old to say that there is no such key; jose's own error where there is none. */
  readonly keys: JWTVerifyGetKey;
  /** The JWK set as it is published now, for whoever will have nobody to ask. Throws `identity-unreachable`. */
  published(): Promise<unknown>;
  /** A form sent, JSON taken. Throws `identity-unreachable`. */
  post(url: string, form: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>>;
}

const TIMEOUT_MS = 5_000;
const COOLDOWN_MS = 30_000;
const KEYS_AGE_MS = 600_000;
const DISCOVERY_AGE_MS = 3_600_000;
const MOST_BYTES = 512 * 1024;

interface Known {
  readonly discovery: Discovery;
  readonly keys: JWTVerifyGetKey;
  readonly untilMs: number;
}

export function openIssuer({ issuer, ca, timeoutMs = TIMEOUT_MS, cooldownMs = COOLDOWN_MS }: IssuerOptions): Issuer {
  const dispatcher = ca === undefined ? undefined : new Agent({ connect: { ca } });
  let known: Promise<Known> | undefined;

  async function ask(url: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    assertPrivate(url);
    const body = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
    try {
      const response = await fetch(url, {
        ...body,
        ...(dispatcher === undefined ? {} : { dispatcher }),
        redirect: 'error',
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await boundedText(response.body) };
    } catch (cause) {
      throw unreachable(issuer, cause instanceof Error ? reasonOf(cause) : String(cause), cause);
    }
  }

  async function discover(): Promise<Known> {
    const discovery = discoveryOf(issuer, await ask(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`));
    return { discovery, keys: publishedKeys(discovery.jwks_uri), untilMs: Date.now() + DISCOVERY_AGE_MS };
  }

  /** "No such key" is an answer only of keys that were fetched for this very question: others may have been published since. */
  function publishedKeys(address: string): JWTVerifyGetKey {
    let fetched = 0;
    const open = () =>
      createRemoteJWKSet(new URL(address), {
        cooldownDuration: cooldownMs,
        cacheMaxAge: KEYS_AGE_MS,
        timeoutDuration: timeoutMs,
        [customFetch]: async (url) => {
          const answer = await ask(url);
          assertKeys(issuer, answer);
          fetched += 1;
          return new Response(answer.text, { status: answer.status });
        },
      });
    let known = open();
    return async (header, token) => {
      const before = fetched;
      try {
        return await known(header, token);
      } catch (error) {
        if (error instanceof PortError || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
        if (!(error instanceof errors.JWKSNoMatchingKey)) {
          known = open();
          throw unreachable(issuer, `its keys cannot be read: ${String(error)}`, error);
        }
        if (fetched !== before) throw error;
        throw unreachable(issuer, 'its keys were asked for a moment ago, and the one that signed was not there', error);
      }
    };
  }

  async function current(): Promise<Known> {
    known ??= discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    const now = await known;
    if (now.untilMs > Date.now()) return now;
    known = undefined;
    return current();
  }

  return {
    discovery: async () => (await current()).discovery,
    keys: async (header, token) => (await current()).keys(header, token),
    published: async () => {
      const answer = await ask((await current()).discovery.jwks_uri);
      assertKeys(issuer, answer);
      return objectOf(issuer, answer.text);
    },
    post: async (url, form) => objectOf(issuer, (await ask(url, form)).text),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function discoveryOf(issuer: string, { status, text }: Answer): Discovery {
  if (status !== 200) throw unreachable(issuer, `its configuration is answered with status ${status}`);
  const value = objectOf(issuer, text);
  if (value['issuer'] !== issuer || typeof value['jwks_uri'] !== 'string') {
    throw new PortError('identity-untrusted', 'the issuer calls itself by another name than the configuration does', {
      retry: 'no',
      expected: issuer,
      got: String(value['issuer']),
      remedy: 'write trust.identity.issuer exactly as the issuer does, with or without a slash at its end',
    });
  }
  return value as unknown as Discovery;
}

/** Whatever else answers in the issuer's place (a proxy's own page, an error with a good status) publishes no keys. */
function assertKeys(issuer: string, { status, text }: Answer): void {
  if (status !== 200) throw unreachable(issuer, `its keys are answered with status ${status}`);
  const { keys } = objectOf(issuer, text);
  if (!Array.isArray(keys) || keys.length === 0) throw unreachable(issuer, 'it publishes no keys');
}

/** Whoever can change an answer on its way decides who is who. A laptop may speak to itself. */
export function assertPrivate(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return;
  throw new PortError('identity-untrusted', `the issuer sends to ${url}, which anybody on the way can change`, {
    retry: 'no',
    expected: 'an https:// address',
    got: url,
  });
}

async function boundedText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) throw new Error(`it answers with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function objectOf(issuer: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw unreachable(issuer, 'it does not answer with JSON');
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function unreachable(issuer: string, got: string, cause?: unknown): PortError {
  return new PortError('identity-unreachable', `the issuer ${issuer} does not answer as it should`, {
    retry: 'yes',
    got,
    remedy: 'check trust.identity.issuer, the network and its certificate authorities',
    cause,
  });
}
