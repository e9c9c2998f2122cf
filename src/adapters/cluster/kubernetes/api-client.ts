/** Requests to the API server: bounded in time and size, one error for each way to fail. */
import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { PortError } from '../../../ports/port-error.ts';
import { type Asked, errorFor } from './api-answers.ts';
import type { Connection } from './connection.ts';
import type { ApiStatus } from './kubernetes-objects.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the server's root: `/apis/apps/v1/namespaces/iam/deployments/iam`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: string;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

export interface ApiResponse {
  readonly code: number;
  readonly body: unknown;
}

export interface ApiClient {
  /** Rejects with PortError for everything but 2xx and the codes in `also`, whose bodies are dropped: they are not always JSON. */
  call(request: ApiRequest, also?: readonly number[]): Promise<ApiResponse>;
  /** The text of an answer that is not JSON (logs), cut at `limit` bytes. */
  text(request: ApiRequest, limit: number): Promise<string>;
  /**
   * An answer without end; undefined: the server has forgotten where to begin (410). Rejects as `call` does; the stream ends or fails
   * when the connection does, or after `idleMs` of silence.
   */
  stream(request: ApiRequest, idleMs: number): Promise<Readable | undefined>;
}

/** The server itself bounds a PATCH at 34 s. */
const ANSWER_TIMEOUT_MS = 40_000;
const GONE = 410;
const LARGEST_ANSWER = 64 * 1024 * 1024;
const LARGEST_ERROR = 256 * 1024;
/** Nothing that a second try mends: certificate and name problems. */
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

export function createApiClient(connection: Connection): ApiClient {
  return {
    async call(one, also = []) {
      return bounded(one, async (signal) => {
        const answer = await send(connection, one, signal, also);
        const code = answer.statusCode;
        const text = await read(answer.body, LARGEST_ANSWER);
        return also.includes(code) ? { code, body: undefined } : { code, body: parse(text, one) };
      });
    },
    text: (one, limit) =>
      bounded(one, async (signal) => {
        const answer = await send(connection, one, signal, []);
        return (await read(answer.body, limit, 'cut')).toString('utf8');
      }),
    async stream(one, idleMs) {
      const answer = await send(connection, one, one.signal, [GONE], idleMs);
      if (answer.statusCode !== GONE) return answer.body;
      await answer.body.dump();
      return undefined;
    },
  };
}

/** Runs `work` within the time that an answer may take; our own time limit counts as "did not answer". */
async function bounded<T>(one: ApiRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    return await work(AbortSignal.any([one.signal, limit]));
  } catch (error) {
    one.signal.throwIfAborted();
    if (error instanceof PortError) throw error;
    throw limit.aborted ? unreachable(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`, error) : lost(error);
  }
}

async function send(
  connection: Connection,
  one: ApiRequest,
  signal: AbortSignal,
  also: readonly number[],
  idleMs?: number,
): Promise<Dispatcher.ResponseData> {
  const first = await sendOnce(connection, one, signal, idleMs);
  if (first.statusCode !== 401) return accept(first, one, also);
  await first.body.dump();
  connection.refresh();
  return accept(await sendOnce(connection, one, signal, idleMs), one, also);
}

async function sendOnce(
  connection: Connection,
  one: ApiRequest,
  signal: AbortSignal,
  idleMs: number | undefined,
): Promise<Dispatcher.ResponseData> {
  signal.throwIfAborted();
  const { server, headers, dispatcher } = await connection.authorize();
  const query = one.query === undefined ? '' : `?${new URLSearchParams(one.query)}`;
  try {
    return await request(`${server}${one.path}${query}`, {
      method: one.method,
      dispatcher,
      signal,
      bodyTimeout: idleMs ?? ANSWER_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': 'sluice',
        ...(one.body === undefined
          ? {}
          : {
              'content-type': one.contentType ?? 'application/json',
              'content-length': String(Buffer.byteLength(one.body)),
            }),
      },
      ...(one.body === undefined ? {} : { body: one.body }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw lost(error, server);
  }
}

async function accept(
  answer: Dispatcher.ResponseData,
  one: ApiRequest,
  also: readonly number[],
): Promise<Dispatcher.ResponseData> {
  const { statusCode: code } = answer;
  if ((code >= 200 && code < 300) || also.includes(code)) return answer;
  const status = statusOf(await read(answer.body, LARGEST_ERROR, 'cut'));
  const seconds = Number(answer.headers['retry-after'] ?? status.details?.retryAfterSeconds ?? Number.NaN);
  throw errorFor({ code, status, ...(seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}) }, one.asked);
}

function statusOf(bytes: Buffer): ApiStatus {
  const text = bytes.toString('utf8');
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // A proxy in between answers in its own words; they are the message.
  }
  return { message: text.slice(0, 300) };
}

async function read(body: Readable, limit: number, beyond: 'fail' | 'cut' = 'fail'): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size <= limit) continue;
    if (beyond === 'cut') break;
    throw new PortError('cluster-failing', `the cluster's answer exceeds ${limit} bytes`, { retry: 'no' });
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

function parse(bytes: Buffer, one: ApiRequest): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const message = `${one.method} ${one.path}: the answer is not JSON; is this the address of a Kubernetes API server?`;
    throw new PortError('cluster-failing', message, {
      retry: 'no',
      got: bytes.subarray(0, 200).toString('utf8'),
      cause,
    });
  }
}

function lost(error: unknown, server?: string): PortError {
  const { code, message } = innermost(error);
  const why = code !== undefined && !message.includes(code) ? `${message} (${code})` : message;
  return unreachable(server === undefined ? why : `${server}: ${why}`, error, TLS.test(code ?? '') ? 'no' : 'yes');
}

function innermost(error: unknown): { code: string | undefined; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return innermost(error.cause);
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  return { code: (error as NodeJS.ErrnoException).code, message: error.message };
}

function unreachable(why: string, cause: unknown, retry: 'yes' | 'no' = 'yes'): PortError {
  return new PortError('cluster-unreachable', `the cluster cannot be reached: ${why}`, {
    retry,
    remedy:
      retry === 'no' ? "check the cluster's certificate authority in the kubeconfig" : 'check that the API server runs',
    cause,
  });
}
