/** Answers of steps, as short as tests want them. */
import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { No, Yes } from '../../src/contract/activities.ts';
import type { ErrorCode } from '../../src/domain/error-code.ts';

export const YES: Yes = { ok: true, summary: 'done', facts: {} };

export function no(code: ErrorCode, message = `no: ${code}`): No {
  return { ok: false, refusal: { code, message } };
}

/** A failure as `activities/failures.ts` builds it. */
export function failure(code: ErrorCode, nonRetryable = true): ApplicationFailure {
  const message = `failed: ${code}`;
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable,
    details: [{ code, message, remedy: 'repair it' }],
  });
}

/** For `assert.rejects`: an update that was refused with this code. */
export function isRefusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    assert.equal((error.cause as { type?: string }).type, code);
    return true;
  };
}
