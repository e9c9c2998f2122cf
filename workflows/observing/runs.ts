/** What is told of a run that has ended, from what it answered. */
import type { RunEnded } from '../../src/contract/observation.ts';
import type { Outcome } from '../../src/contract/status.ts';
import { isErrorCode } from '../../src/domain/error-code.ts';
import type { Place } from './place.ts';

interface Result {
  readonly outcome: Outcome;
  readonly image?: { readonly digest: string };
  readonly to?: string;
}

/** `result` undefined: the workflow has failed. */
export function endedRun(
  place: Place,
  times: { readonly startedMs: number; readonly endedMs: number },
  result: unknown,
): RunEnded {
  const { outcome, image, to } = (result ?? {}) as Partial<Result>;
  const code = outcome?.refusal?.code;
  return {
    ...place,
    ...times,
    ...(image === undefined ? {} : { digest: image.digest }),
    ...(to === undefined ? {} : { version: to }),
    ...(outcome === undefined ? {} : { outcome: outcome.kind }),
    ...(isErrorCode(code) ? { code } : {}),
  };
}
