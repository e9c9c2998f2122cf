/**
 * A small OCI distribution client (spec 1.1.1) for one registry: authorises, repeats what may be repeated, and turns
 * refusals into PortErrors. What is asked stands in the files beside this one.
 */
import type { TokenCredential } from '@azure/core-auth';
import { type Digest } from '../../../domain/digest.ts';
import { isRepository, isTag } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import { type Attempt, errorOfAnswer } from './errors.ts';
import { refusedFrom } from './oci-answers.ts';
import { createOciAuth } from './oci-auth.ts';
import { retrying, type RetryPolicy, SHORT_RETRIES } from './retrying.ts';
import type { Right } from './rights.ts';
import { createTransport, type HttpAnswer, type HttpCall, type Transport } from './transport.ts';

export interface OciClientOptions {
  /** Host, or host:port. */
  readonly loginServer: string;
  /** What role assignments would name; the login server when unknown. */
  readonly resourceId?: string | undefined;
  readonly credential: TokenCredential;
  readonly ca?: string | undefined;
  /** Audience of the Entra token, `https://containerregistry.azure.net` unless given. */
  readonly audience?: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly transferTimeoutMs?: number | undefined;
  readonly retries?: RetryPolicy | undefined;
}

export interface OciCall {
  /** Completes "could not …". */
  readonly what: string;
  readonly method: HttpCall['method'];
  /** Path below the origin, or an absolute URL of the same origin. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly limit?: number;
  /** Statuses that the caller understands; all others are thrown. */
  readonly expected: readonly number[];
  readonly right?: Extract<Right, 'pull' | 'push'>;
}

export interface OciClient {
  readonly host: string;
  readonly origin: URL;
  readonly transport: Transport;
  readonly retries: RetryPolicy;
  attempt(what: string, right?: Right): Attempt;
  /** Sends with a token for the repository, once. */
  once(repository: string, call: OciCall): Promise<HttpAnswer>;
  /** The same through short outages; only for what may be repeated. */
  call(repository: string, call: OciCall): Promise<HttpAnswer>;
}

export const REQUEST_TIMEOUT_MS = 15_000;
export const TRANSFER_TIMEOUT_MS = 60_000;

export function createOciClient(options: OciClientOptions): OciClient {
  const origin = new URL(`https://${options.loginServer}`);
  const transport = createTransport({
    ca: options.ca,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    transferTimeoutMs: options.transferTimeoutMs ?? TRANSFER_TIMEOUT_MS,
  });
  const auth = createOciAuth({ origin, credential: options.credential, transport, audience: options.audience });
  const retries = options.retries ?? SHORT_RETRIES;

  function attempt(what: string, right: Right = 'pull'): Attempt {
    return { what, host: options.loginServer, right, scope: options.resourceId ?? options.loginServer };
  }

  async function authorised(scope: string, call: HttpCall, tried: Attempt): Promise<HttpAnswer> {
    const token = await auth.token(scope, tried);
    const answer = await transport.send(withToken(call, token), tried);
    if (answer.status !== 401) return answer;
    return transport.send(withToken(call, await auth.renew(scope, answer, token, tried)), tried);
  }

  async function once(repository: string, asked: OciCall): Promise<HttpAnswer> {
    checkRepository(repository);
    const { what, right = 'pull', path, expected, limit = 0, ...rest } = asked;
    const tried = attempt(what, right);
    const scope = `repository:${repository}:${right === 'push' ? 'pull,push' : 'pull'}`;
    const answer = await authorised(scope, { ...rest, limit, url: new URL(path, origin) }, tried);
    if (!expected.includes(answer.status)) throw errorOfAnswer(tried, refusedFrom(answer));
    return answer;
  }

  return {
    host: options.loginServer,
    origin,
    transport,
    retries,
    attempt,
    once,
    call: (repository, asked) => retrying(retries, () => once(repository, asked)),
  };
}

/** A name goes into paths and token scopes: what is no repository must not get that far. */
export function checkRepository(repository: string): void {
  if (isRepository(repository)) return;
  throw malformed('repository', 'lower-case letters, digits and separators', repository);
}

/** `sha256:…` or a checked tag, as the last part of a path. */
export function referencePart(reference: Digest | { readonly tag: string }): string {
  if (typeof reference === 'string') return reference;
  if (isTag(reference.tag)) return reference.tag;
  throw malformed('tag', 'letters, digits, "_", "." and "-" (at most 128)', reference.tag);
}

function malformed(kind: string, expected: string, text: string): PortError {
  // Quoted as JSON: it may be empty, or hold a line break.
  const got = JSON.stringify(text.slice(0, 200));
  return new PortError('reference-malformed', `${kind} ${got}: expected ${expected}`, {
    retry: 'no',
    expected,
    got,
    remedy: 'correct the reference',
  });
}

function withToken(call: HttpCall, token: string | undefined): HttpCall {
  return token === undefined ? call : { ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } };
}
