/** Steps as they end: each activity that is one, with all of its attempts, as the workflow sees it. */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import type { Observation, StepEnded } from '../../src/contract/observation.ts';
import { type ErrorCode, isErrorCode } from '../../src/domain/error-code.ts';
import type { Place } from './place.ts';
import { doingOf } from './steps.ts';

export function observeSteps(
  placed: () => Place | undefined,
  tell: (observation: Observation) => void,
): WorkflowOutboundCallsInterceptor {
  return {
    // the very promise goes on to the workflow: one more turn of the microtasks could order its commands otherwise than a worker that observes nothing
    scheduleActivity(input, next) {
      const place = placed();
      const doing = doingOf(input.activityType, input.args[0]);
      if (place === undefined || doing === undefined) return next(input);
      const startedMs = Date.now();
      const { trace, service, version, environment } = place;
      const end = (how: Pick<StepEnded, 'result' | 'code'>): void =>
        tell({
          what: 'step',
          ...doing,
          ...how,
          ...{ startedMs, endedMs: Date.now() },
          ...{ trace, parent: place.span, span: `${place.span} activity ${input.seq}` },
          service,
          ...(version === undefined ? {} : { version }),
          ...(environment === undefined ? {} : { environment }),
        });
      const answered = next(input);
      answered.then(
        (answer) => end(resultOf(answer)),
        (error: unknown) =>
          end(isCancellation(error) ? { result: 'cancelled' } : { result: 'failed', code: codeOf(error) }),
      );
      return answered;
    },
  };
}

function resultOf(answer: unknown): Pick<StepEnded, 'result' | 'code'> {
  const { ok, refusal } = (answer ?? {}) as { readonly ok?: boolean; readonly refusal?: { readonly code?: unknown } };
  if (ok !== false) return { result: 'done' };
  return { result: 'refused', code: isErrorCode(refusal?.code) ? refusal.code : 'internal' };
}

/** A timeout without a failure behind it: nobody worked on the queue. */
function codeOf(error: unknown): ErrorCode {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const cause = failure instanceof TimeoutFailure ? failure.cause : failure;
  if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) return cause.type;
  return failure instanceof TimeoutFailure ? 'worker-missing' : 'internal';
}
