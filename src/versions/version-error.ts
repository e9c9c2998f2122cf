/** Why no version can be told, with what to do. */
import type { ErrorCode, Problem } from '../domain/error-code.ts';

export interface VersionErrorDetails {
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
  /** Several reasons at once. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

export class VersionError extends Error {
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly remedy: string | undefined;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, details: VersionErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'VersionError';
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.remedy = details.remedy;
    this.problems = details.problems ?? [];
  }
}
