/** Between sockets and routes: finds the route, applies faults, renders replies and refusals, writes the logs. */
import { createReadStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Fault, FaultBoard, RequestFacts } from '../faults.ts';
import { spoilBefore, spoilReply, throttle, type Spoiled } from './spoil.ts';
import { json, type Exchange, type Reply, type Route } from './exchange.ts';
import { Refusal, refusalBody, type Dialect } from './refusal.ts';

export interface AccessEntry {
  readonly time: string;
  readonly registry: string;
  readonly identity: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly code?: string;
  readonly fault?: string;
  readonly ms: number;
}

export interface ListenerOptions {
  /** Registry name, `arm` or `identity`. */
  readonly site: string;
  readonly scheme: 'http' | 'https';
  /** Host and port that stand in for a missing Host header. */
  readonly authority: () => string;
  readonly dialect: (path: string) => Dialect;
  readonly routes: readonly Route[];
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: FaultBoard;
  /** 401 as this site says it. */
  readonly invalidToken: (exchange: Exchange) => Refusal;
  /** Called when the answer is on its way. */
  readonly onAnswer: (entry: AccessEntry) => void;
}

export function createListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      // The client has gone, or the emulator has a defect; either way this connection can only be dropped.
      if (!response.destroyed && !isAborted(error)) process.emitWarning(error instanceof Error ? error : String(error));
      response.destroy();
    });
  };
}

async function answer(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  const exchange = readExchange(options, request);
  const facts: RequestFacts = { registry: options.site, method: exchange.method, path: exchange.path };
  // The emulator's own switches stay usable whatever is switched on.
  const fault = exchange.path.startsWith('/_emulator/') ? undefined : options.faults.take(facts);
  let code: string | undefined;
  const spoiled: Spoiled = await spoilBefore(fault, response, () => options.invalidToken(exchange));
  let reply: Reply;
  if (spoiled.kind === 'gone') return;
  try {
    if (spoiled.kind === 'refused') throw spoiled.refusal;
    reply = await dispatch(options.routes, exchange, fault);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : defect(error, request);
    code = refusal.code;
    reply = json(refusal.status, refusalBody(refusal, options.dialect(exchange.path)), refusal.options.headers);
  }
  reply = spoilReply(fault, reply, exchange.origin, options.dialect(exchange.path));
  options.onAnswer({
    time: new Date().toISOString(),
    registry: options.site,
    identity: exchange.identity,
    method: exchange.method,
    path: exchange.path,
    query: exchange.query.toString(),
    status: reply.status,
    ...(code === undefined ? {} : { code }),
    ...(fault === undefined ? {} : { fault: fault.fault }),
    ms: Math.round((performance.now() - started) * 100) / 100,
  });
  if (fault?.fault === 'reset') {
    resetInside(fault.when ?? 'before', response, options, exchange, reply);
    return;
  }
  await write(options, exchange, response, reply, fault?.fault === 'slow' ? fault.bytesPerSecond : undefined);
}

function readExchange(options: ListenerOptions, request: IncomingMessage): Exchange {
  const target = request.url ?? '/';
  const question = target.indexOf('?');
  const rawPath = question < 0 ? target : target.slice(0, question);
  return {
    request,
    method: request.method ?? 'GET',
    path: decodePath(rawPath),
    query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
    origin: `${options.scheme}://${request.headers.host ?? options.authority()}`,
    params: {},
    identity: 'anonymous',
  };
}

function decodePath(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    // A broken escape matches no route and is answered 404.
    return raw;
  }
}

async function dispatch(routes: readonly Route[], exchange: Exchange, fault: Fault | undefined): Promise<Reply> {
  let known = false;
  for (const { methods, pattern, handle } of routes) {
    const match = pattern.exec(exchange.path);
    if (match === null) continue;
    known = true;
    if (!methods.includes(exchange.method)) continue;
    // The routes set `identity` on the exchange they are given, so the logs must see the same object.
    return handle(Object.assign(exchange, { params: match.groups ?? {}, fault }));
  }
  if (known) throw new Refusal(405, 'UNSUPPORTED', `the operation ${exchange.method} is unsupported here`);
  throw new Refusal(404, 'NOT_FOUND', `the emulator has no ${exchange.method} ${exchange.path}`);
}

function defect(error: unknown, request: IncomingMessage): Refusal {
  if (isAborted(error) || request.destroyed) throw error;
  process.emitWarning(error instanceof Error ? error : String(error));
  return new Refusal(
    500,
    'INTERNAL_ERROR',
    `emulator defect: ${error instanceof Error ? error.message : String(error)}`,
  );
}

function isAborted(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return ['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(code);
}

function replyHeaders(options: ListenerOptions, exchange: Exchange, reply: Reply): Record<string, string> {
  const correlation = exchange.request.headers['x-ms-correlation-request-id'];
  const client = exchange.request.headers['x-ms-client-request-id'];
  return {
    ...options.headers,
    'x-ms-correlation-request-id': typeof correlation === 'string' ? correlation : randomUUID(),
    ...(typeof client === 'string' ? { 'x-ms-client-request-id': client } : {}),
    ...reply.headers,
    ...(reply.status === 204 ? {} : { 'content-length': String(sizeOf(reply)) }),
  };
}

function sizeOf({ body }: Reply): number {
  if (body === undefined) return 0;
  return body instanceof Uint8Array ? body.byteLength : body.length;
}

function bodyStream(body: NonNullable<Reply['body']>): Readable {
  if (body instanceof Uint8Array) return Readable.from([body], { objectMode: false });
  if (body.length === 0) return Readable.from([], { objectMode: false });
  return createReadStream(body.path, { start: body.start, end: body.start + body.length - 1 });
}

async function write(
  options: ListenerOptions,
  exchange: Exchange,
  response: ServerResponse,
  reply: Reply,
  bytesPerSecond: number | undefined,
): Promise<void> {
  // A request whose body nobody read would block the connection's next one.
  exchange.request.resume();
  response.writeHead(reply.status, replyHeaders(options, exchange, reply));
  if (exchange.method === 'HEAD' || reply.body === undefined) {
    response.end();
    return;
  }
  if (bytesPerSecond === undefined && reply.body instanceof Uint8Array) {
    response.end(reply.body);
    return;
  }
  const stream = bodyStream(reply.body);
  if (bytesPerSecond === undefined) await pipeline(stream, response);
  else await pipeline(stream, throttle(bytesPerSecond), response);
}

/** The effect has happened (or not); the client learns nothing, or only half of it. */
function resetInside(
  when: 'before' | 'after' | 'body',
  response: ServerResponse,
  options: ListenerOptions,
  exchange: Exchange,
  reply: Reply,
): void {
  if (when !== 'body') {
    response.destroy();
    return;
  }
  response.writeHead(
    reply.status,
    replyHeaders(options, exchange, { ...reply, body: Buffer.alloc(sizeOf(reply) + 1) }),
  );
  const half = reply.body instanceof Uint8Array ? reply.body.subarray(0, reply.body.byteLength / 2) : Buffer.from(' ');
  response.write(half, () => response.destroy());
}
