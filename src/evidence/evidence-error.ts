/** A file that is no evidence, or a release of which none can be made: nothing can be said about it, neither a yes nor a no. */
import type { ErrorCode } from '../domain/error-code.ts';

export type EvidenceErrorCode = Extract<ErrorCode, `evidence-${string}`>;

export class EvidenceError extends Error {
  readonly code: EvidenceErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly remedy: string | undefined;

  constructor(
    code: EvidenceErrorCode,
    message: string,
    details: {
      readonly expected?: string;
      readonly got?: string;
      readonly remedy?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EvidenceError';
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.remedy = details.remedy;
  }
}

/** What was given is no whole archive in the one form that an export writes. */
export function unreadable(message: string, got?: string): EvidenceError {
  const remedy = 'take the file as it was exported, and export it again if that one is lost';
  return new EvidenceError('evidence-unreadable', message, { remedy, ...(got === undefined ? {} : { got }) });
}
