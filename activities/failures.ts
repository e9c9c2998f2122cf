/** The only place that builds ApplicationFailure: a port's error becomes a failure whose type is its code. */
import { ApplicationFailure } from '@temporalio/activity';
import type { No } from '../src/contract/activities.ts';
import { type ErrorCode, isErrorCode, type Refusal } from '../src/domain/error-code.ts';
import type { LookAgain } from '../src/contract/guardian-workflow.ts';
import { PortError } from '../src/ports/port-error.ts';
import { REFUSED_GRAPHS } from '../src/referrers/refusals.ts';

/** Details of every failure, first element: the refusal as data, for whoever has to act on it. */
export function failureOf(error: unknown): unknown {
  if (!(error instanceof PortError)) return malformed(error) ?? error;
  const after = typeof error.retry === 'object' ? error.retry.afterMs : undefined;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: error.retry === 'no',
    details: [refusalOf(error)],
    cause: error,
    ...(after === undefined ? {} : { nextRetryDelay: after }),
  });
}

/** What a parser of ours threw: it carries a code, and asking again gives the same answer. */
function malformed(error: unknown): ApplicationFailure | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string };
  if (!isErrorCode(code)) return undefined;
  const refusal: Refusal = { code, message: message ?? code };
  return ApplicationFailure.create({ message: refusal.message, type: code, nonRetryable: true, details: [refusal] });
}

export function refusalOf(error: PortError): Refusal {
  return {
    code: error.code,
    message: error.message,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.got === undefined ? {} : { got: error.got }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  };
}

/** More goes with an image than anybody reads: that is known before the rest is. */
export const TOO_MUCH: readonly ErrorCode[] = ['referrers-too-many'];

/** What is wrong with an image's own content, or with what goes with it, is a no: nobody can mend it by trying again. */
export async function refusing<Answer>(
  work: () => Promise<Answer>,
  codes: readonly ErrorCode[] = REFUSED_GRAPHS,
): Promise<Answer | No> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PortError) || !codes.includes(error.code)) throw error;
    return { ok: false, refusal: refusalOf(error) };
  }
}

/** Not an error: there is nothing to say yet, and the server is to ask again after that time. */
export function lookAgain(details: LookAgain, afterMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    ...{ message: details.said, type: 'look-again', nonRetryable: false, nextRetryDelay: afterMs },
    ...{ details: [details], category: 'BENIGN' },
  });
}

/** A person or program reached a zone with a request that is not for it. Never retried. */
export function wrongZone(zone: string, asked: string): ApplicationFailure {
  const message = `this worker holds the credentials of ${zone}, the request is for ${asked}`;
  const remedy = 'start releases through the client; it addresses the right task queue';
  return ApplicationFailure.create({
    message,
    type: 'environment-unknown',
    nonRetryable: true,
    details: [{ code: 'environment-unknown', message, expected: zone, got: asked, remedy } satisfies Refusal],
  });
}
