/** One HTTPS request and its bounded answer. No redirects, no retries, no credentials: those are decided above. */
import { Agent, type Dispatcher, request } from 'undici';
import { type Attempt, protocolError } from './errors.ts';
import { errorOfNetwork } from './network-errors.ts';
import { trust } from './trust.ts';

export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Most bytes of a good answer; more is an error. Of a bad answer as much as explains it is read. */
  readonly limit: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated headers joined as RFC 9110 allows. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

export interface Transport {
  /** Throws `registry-unreachable` when nothing or not everything came, `registry-protocol` above the limit. */
  send(call: HttpCall, attempt: Attempt): Promise<HttpAnswer>;
}

export interface TransportOptions {
  /** Further certificate authorities (PEM), beside those that Node knows. */
  readonly ca?: string | undefined;
  /** Until the headers are there, and between two pieces of a body. */
  readonly requestTimeoutMs: number;
  /** Until the last byte. */
  readonly transferTimeoutMs: number;
}

const EXPLANATION_LIMIT = 64 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const agent = new Agent({
    // Registries and their storage speak HTTP/1.1 everywhere; one protocol less to go wrong.
    allowH2: false,
    connect: { timeout: options.requestTimeoutMs, ...trust(options.ca) },
    headersTimeout: options.requestTimeoutMs,
    bodyTimeout: options.requestTimeoutMs,
    connections: 16,
  });
  return { send: (call, attempt) => send(agent, options.transferTimeoutMs, call, attempt) };
}

async function send(agent: Dispatcher, transferMs: number, call: HttpCall, attempt: Attempt): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(transferMs);
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(call.url, {
      dispatcher: agent,
      method: call.method,
      headers: { ...call.headers },
      body: call.body ?? null,
      signal,
    });
  } catch (thrown) {
    throw errorOfNetwork(attempt, thrown);
  }
  const bytes = await readBounded(answer, call, attempt);
  return { status: answer.statusCode, headers: flatten(answer.headers), bytes };
}

async function readBounded(answer: Dispatcher.ResponseData, call: HttpCall, attempt: Attempt): Promise<Uint8Array> {
  const good = answer.statusCode < 300;
  const limit = good ? call.limit : EXPLANATION_LIMIT;
  const announced = Number(answer.headers['content-length'] ?? 0);
  const tooLong = (size: number): Error => protocolError(attempt, `at most ${limit} bytes`, `${size} bytes or more`);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    if (good && call.method !== 'HEAD' && announced > limit) throw tooLong(announced);
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > limit && good) throw tooLong(size);
      if (size > limit) break;
      pieces.push(piece);
    }
  } catch (thrown) {
    answer.body.on('error', () => undefined).destroy();
    if (thrown instanceof Error && thrown.name === 'PortError') throw thrown;
    throw errorOfNetwork(attempt, thrown);
  }
  return Buffer.concat(pieces);
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
