/** One request as the routes see it, and the reply they return; only the listener touches sockets. */
import type { IncomingMessage } from 'node:http';
import type { Fault } from '../faults.ts';
import { Refusal } from './refusal.ts';

export interface FileSlice {
  readonly path: string;
  readonly start: number;
  /** Bytes from `start`. */
  readonly length: number;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | FileSlice;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly method: string;
  /** Percent-decoded: clients may send `/` as `%2F` and `:` as `%3A` in names. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `https://host:port` as the client addressed it. */
  readonly origin: string;
  /** Named groups of the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
  /** Who asked, as far as the route found out; for the logs. */
  identity: string;
  /** The fault in force for this request, for routes that must misbehave themselves. */
  readonly fault?: Fault | undefined;
}

export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

export interface Route {
  readonly methods: readonly string[];
  /** Matched against the decoded path. */
  readonly pattern: RegExp;
  readonly handle: Handler;
}

export function route(methods: string, pattern: RegExp, handle: Handler): Route {
  return { methods: methods.split(' '), pattern, handle };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers };
}

/** The whole body, at most `limit` bytes; more is refused with 413. */
export async function readBody(exchange: Exchange, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Refusal(413, 'SIZE_INVALID', `the request body exceeds ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const SMALL_BODY = 1024 * 1024;

/** A JSON object, or a refusal with 400 and the given code. */
export async function readJsonBody(exchange: Exchange, code: string): Promise<Record<string, unknown>> {
  const text = (await readBody(exchange, SMALL_BODY)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below: a body that is no JSON and a body that is no object are the same mistake.
  }
  throw new Refusal(400, code, 'the request body is not a JSON object');
}

export async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(exchange, SMALL_BODY)).toString('utf8'));
}
