/**
 * One POST whose answer is a small JSON value with status 200, or nothing: redirects lead to somebody else, 10 MB are not read, and
 * a page of a proxy says nothing about a release.
 */
import { Agent, request } from 'undici';
import { networkCodeOf } from '../../../domain/network-code.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

const MOST_BYTES = 16 * 1024;

/** Why nothing is known, in words without the address. */
export class NoAnswer extends Error {
  /** Nobody answered: asking once more may help. */
  readonly again: boolean;
  constructor(message: string, again: boolean) {
    super(message);
    this.name = 'NoAnswer';
    this.again = again;
  }
}

/** Throws {@link NoAnswer}. */
export async function post({ url, headers, body, timeoutMs }: Post): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const dispatcher = new Agent({ allowH2: false, connect: { timeout: timeoutMs } });
  try {
    const response = await request(url, {
      method: 'POST',
      dispatcher,
      signal,
      body,
      reset: true,
      headers: { ...headers, ...ASKING },
    });
    const { statusCode } = response;
    if (statusCode !== 200) throw new NoAnswer(`it answers with status ${statusCode}`, statusCode >= 500);
    assertJson(response.headers['content-type']);
    return jsonOf(await boundedText(response.body));
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    if (signal.aborted) throw new NoAnswer(`no complete answer within ${timeoutMs} ms`, true);
    throw new NoAnswer(`it does not answer (${networkCodeOf(error)})`, true);
  } finally {
    await dispatcher.destroy();
  }
}

const ASKING = {
  'content-type': 'application/json; charset=utf-8',
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'sluice',
} as const;

function assertJson(type: string | readonly string[] | undefined): void {
  if (typeof type === 'string' && /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) return;
  throw new NoAnswer('it does not answer with JSON', false);
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) throw new NoAnswer(`it answers with more than ${MOST_BYTES} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoAnswer('it does not answer with JSON', false);
  }
}
