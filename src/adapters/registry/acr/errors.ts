/**
 * From what a registry, Azure Resource Manager or the network said to the closed set of codes that Sluice knows.
 * The status alone does not decide: ACR's own code and the bearer challenge tell "who are you" from "you may not".
 */
import type { ErrorCode } from '../../../domain/error-code.ts';
import { PortError, type Retry } from '../../../ports/port-error.ts';
import { safeText } from './redaction.ts';
import { missingRole, type Right } from './rights.ts';

/** What was tried, for the message and for the remedy. */
export interface Attempt {
  /** Completes "could not …": `read manifest iam:1.0.0`. */
  readonly what: string;
  /** Host and port that were asked. */
  readonly host: string;
  readonly right: Right;
  /** Resource id (or name) of what a role would be assigned on. */
  readonly scope: string;
}

/** The part of an HTTP answer that decides. */
export interface Refused {
  readonly status: number;
  /** `errors[0].code` of the registry, `error.code` of Azure Resource Manager. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** `error` of the `WWW-Authenticate` challenge. */
  readonly challenge?: string | undefined;
}

const SERVER_PAUSE_MS = 1000;
const UNKNOWN_BLOB = ['BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN'];
const UNKNOWN_MANIFEST = ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'TAG_UNKNOWN', 'NAME_INVALID'];

export function errorOfAnswer(attempt: Attempt, answer: Refused): PortError {
  const { status } = answer;
  if (status === 401 && answer.challenge !== 'insufficient_scope') return unauthorized(attempt, answer);
  if (status === 401 || status === 403) return forbidden(attempt, answer);
  if (status === 405) return locked(attempt, answer);
  if (status === 429) return throttled(attempt, answer);
  if (status === 408 || status >= 500) return failing(attempt, answer);
  const code = answer.code ?? '';
  if (UNKNOWN_BLOB.includes(code)) {
    // While a registry replicates, the manifest may be ahead of its blobs.
    return refused('blob-unknown', attempt, answer, status === 400 ? 'yes' : 'no', {
      expected: 'a blob that the registry holds',
      remedy: 'push the image again, completely, and start over',
    });
  }
  if (UNKNOWN_MANIFEST.includes(code)) {
    return refused('manifest-unknown', attempt, answer, 'no', {
      expected: 'a manifest that the registry holds',
      remedy: `check repository, tag and digest on ${attempt.host}; retention or a purge may have removed it`,
    });
  }
  if (code === 'DIGEST_INVALID') {
    return refused('digest-mismatch', attempt, answer, 'no', {
      expected: 'content that hashes to its digest',
      remedy: 'something between here and the registry changes content: look for a proxy that rewrites bodies',
    });
  }
  return refused('registry-protocol', attempt, answer, 'no', {
    expected: 'an answer of the OCI distribution API',
    remedy: `check that ${attempt.host} is the registry and no proxy or portal answers in its place`,
  });
}

/** An answer that came, and cannot be understood or believed. */
export function protocolError(attempt: Attempt, expected: string, said: string): PortError {
  const got = said === '' ? 'nothing' : safeText(said);
  const message = `could not ${attempt.what} at ${attempt.host}: expected ${expected}, got ${got}`;
  return new PortError('registry-protocol', message, {
    retry: 'no',
    expected,
    got,
    remedy: `check that ${attempt.host} is the registry and no proxy answers in its place`,
  });
}

export function digestMismatch(attempt: Attempt, expected: string, got: string): PortError {
  return new PortError(
    'digest-mismatch',
    `could not ${attempt.what} at ${attempt.host}: expected ${expected}, got ${got}`,
    {
      retry: 'no',
      expected,
      got,
      remedy:
        'do not use this copy: find out who changed it (registry storage, replication or a proxy), then import it again',
    },
  );
}

export function tooManyReferrers(attempt: Attempt, expected: string, got: string): PortError {
  const message = `could not ${attempt.what} at ${attempt.host}: expected ${expected}, got ${got}`;
  const remedy = 'find out who pushes them, delete what nobody needs, and start the release again';
  return new PortError('referrers-too-many', message, { retry: 'no', expected, got, remedy });
}

/** Something is named by another algorithm than SHA-256. */
export function unsupportedDigest(attempt: Attempt, got: string): PortError {
  const expected = 'a SHA-256 digest';
  return new PortError('digest-unsupported', `could not ${attempt.what} at ${attempt.host}: expected ${expected}`, {
    retry: 'no',
    expected,
    got: safeText(got),
    remedy: 'build and attach it with SHA-256 digests; no others can be checked here',
  });
}

function unauthorized(attempt: Attempt, answer: Refused): PortError {
  return refused('registry-unauthorized', attempt, answer, 'no', {
    expected: `an identity that ${attempt.host} accepts`,
    // The token endpoint says the same to a stranger and to an identity that has no role at all.
    remedy:
      'check that the worker runs as the configured identity (clientId), in the tenant of the registry; ' +
      `if so, assign ${missingRole(attempt.right, attempt.scope)} to it`,
  });
}

function forbidden(attempt: Attempt, answer: Refused): PortError {
  const firewall = /firewall|not allowed access|network/i.test(answer.message ?? '');
  const role = missingRole(attempt.right, attempt.scope);
  return refused('registry-forbidden', attempt, answer, 'no', {
    expected: firewall ? 'a network that the registry lets in' : `the right to ${attempt.right}`,
    remedy: firewall
      ? `allow the worker's network in the registry's network rules, or use its private endpoint (${attempt.scope})`
      : `assign ${role} to the worker's identity; a new assignment takes some minutes to work`,
  });
}

function locked(attempt: Attempt, answer: Refused): PortError {
  return refused('image-locked', attempt, answer, 'no', {
    expected: 'a manifest or tag that may be changed',
    remedy: `unlock it first: az acr repository update --write-enabled true --delete-enabled true on ${attempt.host}`,
  });
}

function throttled(attempt: Attempt, answer: Refused): PortError {
  const retry: Retry = answer.retryAfterMs === undefined ? 'yes' : { afterMs: answer.retryAfterMs };
  return refused('registry-throttled', attempt, answer, retry, {
    expected: 'an answer within the limits of the registry',
    remedy: 'wait; if it happens often, use a larger registry SKU or fewer releases at once',
  });
}

function failing(attempt: Attempt, answer: Refused): PortError {
  const retry: Retry =
    answer.retryAfterMs === undefined ? 'yes' : { afterMs: Math.max(answer.retryAfterMs, SERVER_PAUSE_MS) };
  return refused('registry-failing', attempt, answer, retry, {
    expected: 'an answer',
    remedy: `wait; look at the service health of ${attempt.host}`,
  });
}

function refused(
  code: ErrorCode,
  attempt: Attempt,
  answer: Refused,
  retry: Retry,
  facts: { readonly expected: string; readonly remedy: string },
): PortError {
  const got = describe(answer);
  return new PortError(code, `could not ${attempt.what} at ${attempt.host}: expected ${facts.expected}, got ${got}`, {
    retry,
    expected: facts.expected,
    got,
    remedy: facts.remedy,
  });
}

function describe(answer: Refused): string {
  const said = [answer.code, answer.message].filter((part) => part !== undefined && part !== '').join(': ');
  return safeText(said === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status} ${said}`);
}
