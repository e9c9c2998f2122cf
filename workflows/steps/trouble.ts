/** From a failed activity to words that a person can act on. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { isErrorCode, type ErrorCode, type Refusal } from '../../src/domain/error-code.ts';

/** Failures that no retry and no repair of the world can change: the release is refused instead of parked. */
const FINAL: readonly ErrorCode[] = [
  'manifests-missing',
  'manifests-invalid',
  'reference-malformed',
  'digest-malformed',
  'version-taken',
  'tag-conflict',
  'environment-unknown',
  'service-unknown',
];

export function isFinal(refusal: Refusal): boolean {
  return FINAL.includes(refusal.code);
}

/** A "no" to whoever sent a message, as their client reads it: nothing else in workflows builds failures. */
export function failureOf(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusal.code, refusal);
}

/** The refusal that an activity put into its failure, or the best that can be said of any other error. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof ApplicationFailure) return fromApplication(error);
  if (error instanceof TimeoutFailure) return fromTimeout(error);
  if (error instanceof ActivityFailure) return error.cause === undefined ? unknown(error) : refusalFrom(error.cause);
  return unknown(error);
}

function fromApplication(failure: ApplicationFailure): Refusal {
  const detail = failure.details?.[0] as Refusal | undefined;
  if (detail !== undefined && isErrorCode(detail.code)) return detail;
  return { code: isErrorCode(failure.type) ? failure.type : 'internal', message: failure.message };
}

/** The last attempt's own failure says more than the timeout; without one, nobody worked on the queue. */
function fromTimeout(failure: TimeoutFailure): Refusal {
  if (failure.cause !== undefined && !(failure.cause instanceof TimeoutFailure)) return refusalFrom(failure.cause);
  return {
    code: 'worker-missing',
    message: 'no worker finished the step in time',
    got: failure.message,
    remedy: 'start a worker for this environment ("sluice worker --environments …"), then retry',
  };
}

function unknown(error: unknown): Refusal {
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
