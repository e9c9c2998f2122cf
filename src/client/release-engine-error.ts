/** The one error of this library: what happened, expected against got, what to do, by a closed code. */
import type { ErrorCode, Problem, Refusal } from '../domain/error-code.ts';

export interface ReleaseEngineErrorDetails extends Omit<Refusal, 'code' | 'message'> {
  /** Several mistakes of one input. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

export class ReleaseEngineError extends Error {
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly remedy: string | undefined;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, details: ReleaseEngineErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ReleaseEngineError';
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.remedy = details.remedy;
    this.problems = details.problems ?? [];
  }
}
