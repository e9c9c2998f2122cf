/** The one error that adapters throw: "could not find out" or "could not do", never a "no" (that is a result). */
import type { ErrorCode, Refusal } from '../domain/error-code.ts';

/** Whether asking again can help: never, with the usual back-off, or not before so many milliseconds. */
export type Retry = 'no' | 'yes' | { readonly afterMs: number };

export interface PortErrorDetails extends Omit<Refusal, 'code' | 'message'> {
  readonly retry: Retry;
  readonly cause?: unknown;
}

export class PortError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, details: PortErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PortError';
    this.code = code;
    this.retry = details.retry;
    this.expected = details.expected;
    this.got = details.got;
    this.remedy = details.remedy;
  }
}
