/** What Azure's clients throw when a vault does not sign. Its own words are not repeated: only status and code are. */
import { PortError } from '../../../ports/port-error.ts';

/** Statuses after which asking again can help. */
const PASSING = [408, 429, 500, 502, 503, 504];

interface Thrown {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
}

export function errorOfVault(url: string, thrown: unknown): PortError {
  const { statusCode, code, name, message } = (thrown ?? {}) as Thrown;
  if (/challenge resource/i.test(String(message)))
    return unusable(url, 'a vault that asks for a token of another domain', 'check the address of the vault');
  if (typeof statusCode !== 'number') return unreachable(url, String(code ?? name ?? 'no answer'));
  const got = typeof code === 'string' ? `${statusCode} ${code}` : `${statusCode}`;
  if (/KeyDisabled/.test(`${got} ${String(message)}`))
    return unusable(url, 'a disabled key', 'enable it, or name another');
  if (PASSING.includes(statusCode)) return unreachable(url, got);
  const isForbidden = statusCode === 401 || statusCode === 403;
  const role = 'give the identity of the worker the role "Key Vault Crypto User" on that key';
  return unusable(url, got, isForbidden ? role : 'check vault, name and version of the key');
}

export function unusable(url: string, got: string, remedy: string): PortError {
  const expected = 'a signature by an enabled ECDSA P-256 key';
  return new PortError('record-key-unusable', `${url} signs no records`, { retry: 'no', expected, got, remedy });
}

function unreachable(url: string, got: string): PortError {
  return new PortError('record-key-unreachable', `could not ask ${url} for a signature`, {
    retry: 'yes',
    expected: 'an answer of the vault',
    got,
    remedy: "check the address, the network, and the worker's identity; it is tried again",
  });
}
