/**
 * Asking over HTTP: one GET on a connection of its own, so that no kept-alive connection answers for a pod that is going away.
 * Redirects are not followed: what answers elsewhere says nothing about the service.
 */
import { Agent, request } from 'undici';
import type { HealthAnswer, HealthProbe } from '../../ports/health-probe.ts';

const BODY_LIMIT = 2048;

export interface HttpHealthOptions {
  /** PEM of further certificate authorities, for an address with a certificate of one's own. */
  readonly ca?: string;
}

/** Rejects only when `signal` is aborted; whatever the other side does is an answer. */
export function createHttpHealth(options: HttpHealthOptions = {}): HealthProbe {
  return {
    async ask(url, timeoutMs, signal) {
      signal.throwIfAborted();
      const limit = AbortSignal.timeout(timeoutMs);
      const agent = new Agent({
        allowH2: false,
        connect: { timeout: timeoutMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
      });
      try {
        return await askOnce(url, agent, AbortSignal.any([signal, limit]));
      } catch (error) {
        signal.throwIfAborted();
        return {
          kind: 'no-answer',
          why: limit.aborted ? `no complete answer within ${timeoutMs} ms` : reasonOf(error),
        };
      } finally {
        await agent.destroy();
      }
    },
  };
}

async function askOnce(url: string, dispatcher: Agent, signal: AbortSignal): Promise<HealthAnswer> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal,
    reset: true,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice' },
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= BODY_LIMIT) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, BODY_LIMIT));
  return { kind: 'answered', status: statusCode, body: text };
}

/** `connect ECONNREFUSED 127.0.0.1:8080`: the innermost message says what happened. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}
