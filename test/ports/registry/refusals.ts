/** Asserting on PortErrors: the code, and that a person is told what happened and what to do. */
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import { PortError } from '../../../src/ports/port-error.ts';

export async function refusalOf(promise: Promise<unknown>): Promise<PortError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof PortError, `expected a PortError, got ${String(thrown)}`);
    return thrown;
  }
  throw new assert.AssertionError({ message: 'expected a PortError, got an answer' });
}

/** Returns the error for further looks. */
export async function assertRefused(promise: Promise<unknown>, code: ErrorCode): Promise<PortError> {
  const error = await refusalOf(promise);
  assert.equal(error.code, code, error.message);
  assert.ok((error.expected ?? '') !== '', 'an error says what was expected');
  assert.ok((error.got ?? '') !== '', 'an error says what was got');
  assert.ok((error.remedy ?? '') !== '', 'an error says what to do');
  return error;
}
