/** Names and words that callers give, checked before they reach Temporal. */
import type { ErrorCode } from '../domain/error-code.ts';
import { isName, isVersion } from '../domain/names.ts';
import { type Fault, LONGEST_REASON } from '../domain/said.ts';
import type { ReleaseKey } from './engine.ts';
import { ReleaseEngineError } from './release-engine-error.ts';

/** Throws `service-unknown` or `version-malformed` for what can name no release. */
export function assertKey({ service, version }: ReleaseKey): void {
  if (!isName(service)) {
    throw new ReleaseEngineError('service-unknown', `"${service}" is no name of a service`, {
      remedy: 'use lower-case letters, digits and "-", as in sluice.yaml',
    });
  }
  if (!isVersion(version)) {
    throw new ReleaseEngineError('version-malformed', `"${version}" is no version`, {
      expected: 'letters, digits, "_", "." and "-", at most 128',
      got: version,
    });
  }
}

/** Throws `code` for what is longer than any honest reason: said here, because a server cuts off whoever sends megabytes. */
export function assertShort(what: string, text: string | undefined, code: ErrorCode): void {
  if (text === undefined || text.length <= LONGEST_REASON) return;
  throw new ReleaseEngineError(code, `the ${what} has ${text.length} characters`, {
    expected: `at most ${LONGEST_REASON}`,
    remedy: 'say it shorter, and link to the rest',
  });
}

export function assertEnvironment(environment: string): void {
  if (isName(environment)) return;
  throw new ReleaseEngineError('environment-unknown', `"${environment}" is no name of an environment`, {
    remedy: 'use lower-case letters, digits and "-", as in sluice.yaml',
  });
}

/** Throws `input-invalid` for what no workflow would take. */
export function assertNoFault(fault: Fault | undefined): void {
  if (fault !== undefined) throw new ReleaseEngineError('input-invalid', fault.message, fault);
}
