/** Asking again, for calls that may be repeated. Short: the workflow engine does the patient part. */
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '../../../ports/port-error.ts';

export interface RetryPolicy {
  /** Attempts in all. */
  readonly attempts: number;
  /** Pause before the second attempt; doubled for each further one, with ±25 % jitter. */
  readonly pauseMs: number;
  /** A registry that wants a longer pause than this is left to the caller. */
  readonly longestPauseMs: number;
}

export const SHORT_RETRIES: RetryPolicy = { attempts: 3, pauseMs: 150, longestPauseMs: 2000 };

export async function retrying<T>(policy: RetryPolicy, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (thrown) {
      const wait = attempt < policy.attempts ? pauseAfter(thrown, policy, attempt) : undefined;
      if (wait === undefined) throw thrown;
      await pause(wait);
    }
  }
}

/** Undefined: asking again here and now cannot help. */
function pauseAfter(thrown: unknown, policy: RetryPolicy, attempt: number): number | undefined {
  if (!(thrown instanceof PortError) || thrown.retry === 'no') return undefined;
  const wanted = thrown.retry === 'yes' ? policy.pauseMs * 2 ** (attempt - 1) * jitter() : thrown.retry.afterMs;
  return wanted > policy.longestPauseMs ? undefined : wanted;
}

function jitter(): number {
  return 0.75 + Math.random() / 2;
}

/** `Retry-After` (RFC 9110 section 10.2.3) in milliseconds: seconds or a date. */
export function retryAfterMs(header: string | null | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined || header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : Math.round(seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
