/** How a fault spoils a request: before the route runs, or the reply after it. */
import type { ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, ImportFault } from '../faults.ts';
import { json, type Reply } from './exchange.ts';
import { Refusal, refusalBody, type Dialect } from './refusal.ts';

type RequestFault = Exclude<Fault, ImportFault>;

/** What is left of the request: it goes on, it is refused, or its connection is gone. */
export type Spoiled = { kind: 'on' } | { kind: 'refused'; refusal: Refusal } | { kind: 'gone' };

const ON: Spoiled = { kind: 'on' };
const GONE: Spoiled = { kind: 'gone' };

export async function spoilBefore(
  fault: RequestFault | undefined,
  response: ServerResponse,
  invalidToken: () => Refusal,
): Promise<Spoiled> {
  if (fault === undefined) return ON;
  if (fault.fault === 'throttle') return { kind: 'refused', refusal: throttled(fault.retryAfterSeconds) };
  if (fault.fault === 'invalid-token') return { kind: 'refused', refusal: invalidToken() };
  if (fault.fault === 'status' && fault.when !== 'after') {
    return { kind: 'refused', refusal: broken(fault) };
  }
  if (fault.fault === 'reset' && (fault.when ?? 'before') === 'before') {
    response.destroy();
    return GONE;
  }
  if (fault.fault === 'hang') {
    await untilClosed(response);
    return GONE;
  }
  if (fault.fault === 'slow' && fault.delayMs !== undefined) await delay(fault.delayMs);
  return ON;
}

export function spoilReply(fault: RequestFault | undefined, reply: Reply, origin: string, dialect: Dialect): Reply {
  if (fault === undefined) return reply;
  if (fault.fault === 'status' && fault.when === 'after') {
    const refusal = broken(fault);
    return json(refusal.status, refusalBody(refusal, dialect));
  }
  if (fault.fault === 'swap') return swap(fault.what ?? 'body', reply);
  if (fault.fault === 'truncate') return truncated(reply);
  if (fault.fault === 'media-type') return { ...reply, headers: { ...reply.headers, 'content-type': fault.mediaType } };
  const location = reply.headers?.['location'];
  if (fault.fault === 'absolute-location' && location?.startsWith('/')) {
    return { ...reply, headers: { ...reply.headers, location: `${origin}${location}` } };
  }
  return reply;
}

/** Lets through so many bytes each second, in tenths. */
export function throttle(bytesPerSecond: number): Transform {
  const portion = Math.max(1, Math.floor(bytesPerSecond / 10));
  return new Transform({
    highWaterMark: portion,
    transform(chunk: Buffer, _encoding, done) {
      trickle(this, chunk, portion).then(() => done(), done);
    },
  });
}

async function trickle(out: Transform, chunk: Buffer, portion: number): Promise<void> {
  for (let at = 0; at < chunk.length && !out.destroyed; at += portion) {
    out.push(chunk.subarray(at, at + portion));
    await delay(100);
  }
}

function throttled(retryAfterSeconds: number | undefined): Refusal {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new Refusal(429, 'TOOMANYREQUESTS', 'too many requests', { headers });
}

function broken(fault: { status: number; code?: string; message?: string }): Refusal {
  return new Refusal(fault.status, fault.code ?? 'UNKNOWN', fault.message ?? 'injected fault');
}

function swap(what: 'body' | 'header', reply: Reply): Reply {
  if (what === 'header') {
    return { ...reply, headers: { ...reply.headers, 'docker-content-digest': `sha256:${'0'.repeat(64)}` } };
  }
  if (reply.body === undefined) return reply;
  const bytes = reply.body instanceof Uint8Array ? Buffer.from(reply.body) : readSlice(reply.body);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x01;
  return { ...reply, body: bytes };
}

function truncated(reply: Reply): Reply {
  if (reply.body === undefined) return reply;
  const bytes = reply.body instanceof Uint8Array ? reply.body : readSlice(reply.body);
  return { ...reply, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}

function readSlice({ path, start, length }: { path: string; start: number; length: number }): Buffer {
  return Buffer.from(readFileSync(path).subarray(start, start + length));
}

function untilClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', () => resolve()));
}
