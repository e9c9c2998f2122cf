/** Somebody who signs with a key of their own: what `sluice login --key` is on the command line. */
import { readFileSync, statSync } from 'node:fs';
import { privateKeyOf } from '../statements/public-key.ts';
import { type SigningKey, signStatement } from '../statements/sign.ts';
import type { Signer } from './answers.ts';
import { ReleaseEngineError } from './release-engine-error.ts';

export interface KeySignerOptions {
  /** The name under `trust.approvers`. */
  readonly subject: string;
  /** An unencrypted Ed25519 or P-256 private key (PEM) that nobody else may read. */
  readonly keyFile: string;
}

/** Throws `login-missing` for a file that is none or holds no such key, `login-failed` for one that others may read. */
export function keySigner({ subject, keyFile }: KeySignerOptions): Signer {
  const key = keyIn(keyFile, subject);
  assertOwnKey(keyFile);
  return signerWith(subject, key);
}

/** With a key that is there already, and the issuer's word for whose it is where there is one. */
export function signerWith(subject: string, key: SigningKey, now: () => Date = () => new Date()): Signer {
  return { subject, sign: (facts, goodForMs) => signStatement(facts, subject, key, { now: now(), goodForMs }) };
}

const OTHERS = 0o077;

/** Throws `login-failed`. */
export function assertOwnKey(file: string): void {
  if (process.platform === 'win32' || (statSync(file).mode & OTHERS) === 0) return;
  throw new ReleaseEngineError('login-failed', `others on this machine may read ${file}`, {
    remedy: `keep it to yourself: chmod 600 ${file}`,
  });
}

function keyIn(file: string, subject: string): SigningKey {
  try {
    return privateKeyOf(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw unusableKey(subject, file, cause);
  }
}

/** `login-missing`, for a key that cannot sign. */
export function unusableKey(subject: string, where: string, cause: unknown): ReleaseEngineError {
  return new ReleaseEngineError('login-missing', `the private key of ${subject} cannot be used`, {
    expected: `an unencrypted Ed25519 or P-256 private key (PEM) in ${where}`,
    got: whatIsWrong(cause),
    remedy: 'log in again with "sluice login --key FILE"',
    cause,
  });
}

/** What Node and OpenSSL throw for a file that holds no usable key, in words. */
export function whatIsWrong(cause: unknown): string {
  const { code = '' } = cause as { readonly code?: string };
  if (/PASSPHRASE|INTERRUPTED_OR_CANCELLED/.test(code)) return 'a key that is encrypted with a passphrase';
  if (code.startsWith('ERR_OSSL')) return 'no private key in PEM';
  return cause instanceof Error ? cause.message : String(cause);
}
