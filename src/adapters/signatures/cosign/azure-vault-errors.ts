/** What Azure's clients throw when a key cannot be had. What the vault says in its own words is not repeated: only its status and code are. */
import type { RestError } from '@azure/core-rest-pipeline';
import { PortError } from '../../../ports/port-error.ts';
import type { VaultPlace } from './vault-key.ts';

const IDENTITY_ERRORS = [
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
];
/** Statuses after which asking again can help. */
const PASSING = [408, 429, 500, 502, 503, 504];

export function errorOfVault(place: VaultPlace, thrown: unknown): PortError {
  if (!(thrown instanceof Error)) return unreachable(place, 'no answer', thrown);
  if (IDENTITY_ERRORS.includes(thrown.name))
    return unreachable(place, `no identity to act as (${thrown.name})`, thrown);
  if (/challenge resource/i.test(thrown.message))
    return unusable(place, 'a vault that asks for a token of another domain', 'check the address of the vault');
  const { statusCode: status, code, details } = isRestError(thrown) ? thrown : {};
  if (status === undefined) return unreachable(place, codeOf(thrown) ?? 'no answer', thrown);
  const got = code === undefined ? `${status}` : `${status} ${code}`;
  // the code of the error is only "Forbidden"; why stands inside
  if (JSON.stringify(details ?? {}).includes('"KeyDisabled"'))
    return unusable(
      place,
      'a disabled key',
      'enable it, or name another version; whoever disabled it may have had a reason',
    );
  if (status === 404) return unusable(place, `no such key (${got})`, 'check vault, name and version');
  if (status === 401 || status === 403) return forbidden(place, got, thrown);
  if (PASSING.includes(status)) return unreachable(place, got, thrown);
  return unusable(place, got, 'check the address of the key');
}

export function unusable({ host, name, version }: VaultPlace, got: string, remedy: string): PortError {
  return new PortError('signer-unusable', `key ${name} ${version} of ${host} cannot verify signatures`, {
    retry: 'no',
    expected: 'an enabled key for signatures',
    got,
    remedy,
  });
}

function forbidden({ host, name, version }: VaultPlace, got: string, cause: Error): PortError {
  return new PortError('signer-forbidden', `${host} does not show key ${name} ${version}`, {
    retry: 'no',
    expected: 'the right to read keys',
    got,
    remedy: 'give the worker\'s identity the role "Key Vault Crypto User", or "get" for keys',
    cause: nameOnly(cause),
  });
}

function unreachable({ host, name, version }: VaultPlace, got: string, cause: unknown): PortError {
  return new PortError('signer-unreachable', `could not ask ${host} for key ${name} ${version}`, {
    retry: 'yes',
    expected: 'an answer of the vault',
    got,
    remedy: "check the address, the network, and the worker's identity",
    cause: nameOnly(cause),
  });
}

/** Vendors' errors drag requests, headers and tokens along. */
function nameOnly(cause: unknown): Error {
  return new Error(cause instanceof Error ? cause.name : typeof cause);
}

function codeOf(thrown: Error): string | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && code !== 'REQUEST_SEND_ERROR') return code;
    if (at.name === 'AbortError' || at.name === 'TimeoutError') return 'no answer in time';
  }
  return undefined;
}

/** The SDKs' own test, without loading them. */
function isRestError(thrown: Error): thrown is RestError {
  return thrown.name === 'RestError';
}
