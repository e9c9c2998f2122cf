/** How an import can end badly, and what that means. */
import type { Digest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ImportRequest } from '../../../ports/registry-importer.ts';
import { type Attempt, errorOfAnswer, type Refused } from './errors.ts';
import type { EndedOperation } from './import-operation.ts';
import { safeText } from './redaction.ts';
import { missingRole } from './rights.ts';
import { answerOf, errorOfSdk } from './sdk-errors.ts';

/** Where the copy comes from, by environment. */
export interface ImportSource {
  readonly resourceId: string;
  readonly loginServer: string;
}

export type ImportTrouble =
  /** NoForce met an existing tag; whether that is bad depends on what the tag means. */
  | { readonly kind: 'tag-exists'; readonly said: string }
  /** The operation is no longer known: it ended long ago, and nobody can say how. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'error'; readonly error: PortError };

const TAG_EXISTS = /already exists in target registry/i;
const FORBIDDEN_AT_SOURCE = ['LinkedAuthorizationFailed', 'LinkedInvalidPropertyId'];
const NO_SUCH_REGISTRY = ['ResourceNotFound', 'ResourceGroupNotFound', 'SubscriptionNotFound', 'InvalidSubscriptionId'];
/** Given without a cause for a copy that broke on the way; asking again has helped people (Azure/acr#632). */
const WORTH_REPEATING = ['InvalidParameters', 'InternalServerError', 'OperationCanceled'];

/** From what the submitting client threw. */
export function troubleOfSubmit(attempt: Attempt, source: ImportSource, thrown: unknown): ImportTrouble {
  const answer = answerOf(thrown);
  if (answer === undefined) return { kind: 'error', error: errorOfSdk(attempt, thrown) };
  return troubleOfAnswer(attempt, source, answer);
}

/** From what the polling client threw: HTTP errors, or a plain error for an operation that reported failure. */
export function troubleOfPoll(attempt: Attempt, source: ImportSource, thrown: unknown): ImportTrouble {
  const answer = answerOf(thrown);
  if (answer?.status === 204) return { kind: 'lost' };
  if (answer?.status === 404 && !NO_SUCH_REGISTRY.includes(answer.code ?? '')) return { kind: 'lost' };
  if (answer !== undefined) return troubleOfAnswer(attempt, source, answer);
  const reported = reportedFailure(thrown);
  if (reported === undefined) return { kind: 'error', error: errorOfSdk(attempt, thrown) };
  return troubleOfEnd(attempt, { status: 'Failed', ...reported }) ?? { kind: 'lost' };
}

/** From the body of an operation that ended; undefined: it says that it succeeded. */
export function troubleOfEnd(attempt: Attempt, said: EndedOperation): ImportTrouble | undefined {
  const failed = said.code !== undefined || /fail|cancel/i.test(said.status ?? '');
  if (!failed) return undefined;
  const text = [said.code, said.message].filter((part) => part !== undefined).join(': ') || (said.status ?? '');
  if (TAG_EXISTS.test(text)) return { kind: 'tag-exists', said: safeText(text) };
  return { kind: 'error', error: importFailed(attempt, text, said.code) };
}

export function tagConflict(attempt: Attempt, request: ImportRequest, meaning: Digest): PortError {
  const tagged = `${request.repository}:${request.tag ?? ''}`;
  return new PortError(
    'tag-conflict',
    `could not ${attempt.what} at ${attempt.host}: ${tagged} is ${meaning} already`,
    {
      retry: 'no',
      expected: `${tagged} to be free or to mean ${request.digest}`,
      got: meaning,
      remedy: 'release under another version; a tag is never moved',
    },
  );
}

export function importStuck(attempt: Attempt, deadlineMs: number, operation: string): PortError {
  const minutes = Math.round(deadlineMs / 6000) / 10;
  return new PortError(
    'import-stuck',
    `could not ${attempt.what} at ${attempt.host}: no end after ${minutes} minutes`,
    {
      retry: 'yes',
      expected: `an import that ends within ${minutes} minutes`,
      got: `still running (${operation})`,
      remedy: 'the import is asked for again; if that hangs too, give Azure support the operation above',
    },
  );
}

/** The operation is gone or came to nothing, and the image is not there. */
export function importVanished(attempt: Attempt, got: string): PortError {
  return new PortError('import-failed', `could not ${attempt.what} at ${attempt.host}: ${got}`, {
    retry: 'yes',
    expected: 'the image in the registry, or a reason why not',
    got,
    remedy: 'the import is asked for again',
  });
}

function troubleOfAnswer(attempt: Attempt, source: ImportSource, answer: Refused): ImportTrouble {
  const { status, code = '', message = '' } = answer;
  if (status === 409 || TAG_EXISTS.test(message)) return { kind: 'tag-exists', said: safeText(`${code}: ${message}`) };
  if (status === 403 && FORBIDDEN_AT_SOURCE.includes(code))
    return { kind: 'error', error: notAtSource(attempt, source, answer) };
  if (NO_SUCH_REGISTRY.includes(code)) return { kind: 'error', error: noSuchRegistry(attempt, answer) };
  if (status === 400 || status === 404)
    return { kind: 'error', error: importFailed(attempt, `${code}: ${message}`, code) };
  return { kind: 'error', error: errorOfAnswer(attempt, answer) };
}

function importFailed(attempt: Attempt, text: string, code: string | undefined): PortError {
  const got = safeText(text);
  return new PortError('import-failed', `could not ${attempt.what} at ${attempt.host}: ${got}`, {
    retry: WORTH_REPEATING.includes(code ?? '') ? 'yes' : 'no',
    expected: 'an import that succeeds',
    got,
    remedy:
      'check that the source still has the image and all of its layers, and that its network rules let trusted services in',
  });
}

function notAtSource(attempt: Attempt, source: ImportSource, answer: Refused): PortError {
  const got = safeText(`HTTP ${answer.status} ${answer.code ?? ''}: ${answer.message ?? ''}`);
  return new PortError(
    'registry-forbidden',
    `could not ${attempt.what}: the source ${source.loginServer} refused: ${got}`,
    {
      retry: 'no',
      expected: 'the right to import from the source',
      got,
      remedy: `assign ${missingRole('import-from', source.resourceId)} (or 'AcrPull' and 'Reader') to the worker's identity`,
    },
  );
}

function noSuchRegistry(attempt: Attempt, answer: Refused): PortError {
  const got = safeText(`${answer.code ?? ''}: ${answer.message ?? ''}`);
  return new PortError('config-invalid', `could not ${attempt.what}: there is no registry ${attempt.scope}`, {
    retry: 'no',
    expected: `a registry at ${attempt.scope}`,
    got,
    remedy: 'correct registry.acr, registry.resourceGroup or registry.subscription in sluice.yaml',
  });
}

/** `The long-running operation has failed. CODE. message`: all that the client keeps of an operation's own failure. */
function reportedFailure(thrown: unknown): { readonly code?: string; readonly message: string } | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'Error') return undefined;
  const failed = /^The long-running operation has failed(?:\. (\w+)\. (.*))?$/s.exec(thrown.message);
  if (failed !== null)
    return { ...(failed[1] === undefined ? {} : { code: failed[1] }), message: failed[2] ?? thrown.message };
  return thrown.message === 'Operation was canceled'
    ? { code: 'OperationCanceled', message: thrown.message }
    : undefined;
}
