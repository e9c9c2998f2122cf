/** One POST, on a connection of its own, and what its answer means. Redirects are not followed: they lead to somebody else. */
import { Agent, request } from 'undici';
import { networkCodeOf } from '../../../domain/network-code.ts';
import type { Told } from '../../../ports/notifier.ts';
import { PortError } from '../../../ports/port-error.ts';

export interface Post {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Receivers say little; whatever else they send is not read. */
const BODY_LIMIT = 1_024;

/** Statuses that mean "later" although they begin with 4. */
const LATER: readonly number[] = [408, 425, 429];

const LONGEST_PAUSE_MS = 60 * 60 * 1_000;

export async function post(what: Post): Promise<Told> {
  const { name, timeoutMs } = what;
  const limit = AbortSignal.timeout(timeoutMs);
  let answer: Answer;
  try {
    answer = await send(what, limit);
  } catch (error) {
    const got = limit.aborted ? `no complete answer within ${timeoutMs} ms` : networkCodeOf(error);
    throw new PortError('notification-unreachable', `${name} cannot be reached: ${got}`, { retry: 'yes', got });
  }
  const said = `${name} answers ${answer.status}${wordOf(answer.text, what.url)}`;
  if (answer.status >= 200 && answer.status < 300) return { summary: said };
  throw refusalOf(said, answer, what.now().getTime());
}

async function send({ url, headers, body, timeoutMs }: Post, signal: AbortSignal): Promise<Answer> {
  const dispatcher = new Agent({ allowH2: false, connect: { timeout: timeoutMs } });
  try {
    const response = await request(url, {
      method: 'POST',
      dispatcher,
      signal,
      body,
      reset: true,
      headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice' },
    });
    const { 'retry-after': after } = response.headers;
    const retryAfter = typeof after === 'string' ? after : undefined;
    return { status: response.statusCode, retryAfter, text: await beginningOf(response.body) };
  } finally {
    await dispatcher.destroy();
  }
}

/** The status has been said: a body that breaks off or does not end changes nothing about it. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= BODY_LIMIT) break;
    }
  } catch {
    return '';
  }
  return size >= BODY_LIMIT ? '' : Buffer.concat(chunks).toString('utf8');
}

function refusalOf(said: string, { status, retryAfter }: Answer, nowMs: number): PortError {
  const got = `status ${status}`;
  const afterMs = pauseOf(retryAfter, nowMs);
  if (status === 429 || (status === 503 && afterMs !== undefined)) {
    return new PortError('notification-throttled', said, {
      retry: afterMs === undefined ? 'yes' : { afterMs },
      expected: 'a status of 2xx',
      got,
    });
  }
  const isFinal = status < 500 && !LATER.includes(status);
  return new PortError(isFinal ? 'notification-refused' : 'notification-unreachable', said, {
    retry: isFinal ? 'no' : 'yes',
    expected: 'a status of 2xx',
    got,
  });
}

/** Seconds or a date (RFC 9110), an hour at most: whoever sends it does not decide for how long we believe it. */
function pauseOf(retryAfter: string | undefined, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const afterMs = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return Number.isFinite(afterMs) ? Math.min(Math.max(afterMs, 1_000), LONGEST_PAUSE_MS) : undefined;
}

/** `no_service`, `invalid_payload`: one word in lower case that is no part of the address is no secret; nothing else is repeated. */
function wordOf(text: string, url: string): string {
  const word = text.trim();
  return /^[a-z]{2,20}(?:_[a-z]{1,20}){0,4}$/.test(word) && !url.includes(word) ? ` (${word})` : '';
}
