/** Reading what a registry says when it says no (distribution-spec 1.1, "Error codes"; ACR adds its own). */
import type { Refused } from './errors.ts';
import { retryAfterMs } from './retrying.ts';
import type { HttpAnswer } from './transport.ts';

interface SaidError {
  readonly code?: string;
  readonly message?: string;
}

export function refusedFrom(answer: HttpAnswer): Refused {
  const said = saidError(Buffer.from(answer.bytes).toString('utf8'));
  return {
    status: answer.status,
    code: said?.code,
    message: said?.message,
    retryAfterMs: retryAfterMs(answer.headers['retry-after']),
    challenge: /error="([^"]*)"/.exec(answer.headers['www-authenticate'] ?? '')?.[1],
  };
}

/** First entry of `{"errors": […]}`, or the `error` of Azure Resource Manager; undefined when the text is neither. */
export function saidError(text: string): SaidError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { errors, error } = (body ?? {}) as { readonly errors?: unknown; readonly error?: unknown };
  const first: unknown = Array.isArray(errors) ? errors[0] : error;
  if (typeof first !== 'object' || first === null) return undefined;
  const { code, message } = first as Readonly<Record<string, unknown>>;
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
