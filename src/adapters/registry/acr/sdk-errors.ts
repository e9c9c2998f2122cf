/** What the Azure SDKs throw, as PortErrors: RestError with or without an answer, identity errors, aborts. */
import type { RestError } from '@azure/core-rest-pipeline';
import type { PortError } from '../../../ports/port-error.ts';
import { type Attempt, errorOfAnswer, type Refused } from './errors.ts';
import { errorOfIdentity, errorOfNetwork } from './network-errors.ts';
import { saidError } from './oci-answers.ts';
import { retryAfterMs } from './retrying.ts';

const IDENTITY_ERRORS = [
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
];

export function errorOfSdk(attempt: Attempt, thrown: unknown): PortError {
  if (thrown instanceof Error && IDENTITY_ERRORS.includes(thrown.name)) return errorOfIdentity(attempt, thrown);
  const answer = answerOf(thrown);
  if (answer !== undefined) return errorOfAnswer(attempt, answer);
  return errorOfNetwork(attempt, thrown);
}

/** Undefined: nothing answered. */
export function answerOf(thrown: unknown): Refused | undefined {
  if (!isRestError(thrown) || thrown.statusCode === undefined) return undefined;
  const said = saidError(thrown.response?.bodyAsText ?? '') ?? saidError(thrown.message) ?? saidIn(thrown);
  return {
    status: thrown.statusCode,
    code: said.code,
    message: said.message,
    retryAfterMs: retryAfterMs(thrown.response?.headers.get('retry-after')),
    challenge: /error="([^"]*)"/.exec(thrown.response?.headers.get('www-authenticate') ?? '')?.[1],
  };
}

/** Clients of Azure Resource Manager put `error.code` and `error.message` on the error itself. */
function saidIn(error: RestError): { readonly code?: string | undefined; readonly message?: string } {
  return { code: error.code, message: error.message };
}

/** The SDKs' own test, without loading them. */
function isRestError(thrown: unknown): thrown is RestError {
  return thrown instanceof Error && thrown.name === 'RestError';
}
