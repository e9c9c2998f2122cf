/** The file of what is revoked. It is read with the configuration, to find mistakes early, and by workers anew at each verification. */
import { createPublicKey } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../content/digest-of.ts';
import { isDigest, parseDigest } from '../domain/digest.ts';
import type { Problem } from '../domain/error-code.ts';
import type { Revocation, Revoked } from '../domain/revocation.ts';
import { vaultVersion } from '../domain/vault-version.ts';
import { formatProblem } from './config-error.ts';
import { readDocument } from './document.ts';
import { problemsOfIssues } from './schema-problems.ts';
import type { ReadText } from './reading.ts';

const text = z.string().min(1).max(2_000);

const about = {
  since: z.iso.datetime({ offset: true }),
  why: text,
  by: text,
};

const writtenRevocations = z.array(
  z.union([
    /** A fingerprint, or the PEM file of the public key. */
    z.strictObject({ key: text, ...about }),
    z.strictObject({ vault: text, ...about }),
    z.strictObject({ identity: z.strictObject({ issuer: text, subject: text }), ...about }),
    z.strictObject({ digest: text, ...about }),
  ]),
);

export type ReadRevocations =
  | { readonly ok: true; readonly revocations: readonly Revocation[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** It is not there: only workers need it. */
      readonly isMissing?: true;
    };

/** An empty list revokes nothing; a file that is not there, or is not understood, is never taken for one. */
export function readRevocations(file: string, readText: ReadText): ReadRevocations {
  let source: string;
  try {
    source = readText(file);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const problems = [{ where: file, message: reasonOf(cause) }];
    return { ok: false, problems, ...(isMissing ? { isMissing } : {}) };
  }
  const document = readDocument(source, basename(file), {});
  if (document.problems.length > 0) return { ok: false, problems: document.problems };
  const parsed = writtenRevocations.safeParse(document.value);
  if (!parsed.success) {
    const shape = problemsOfIssues(parsed.error.issues, document);
    return { ok: false, problems: shape.map(({ where, message }) => ({ where, message })) };
  }
  const revocations: Revocation[] = [];
  const problems: Problem[] = [];
  for (const [index, entry] of parsed.data.entries()) {
    const { since, why, by } = entry;
    const what = revokedBy(entry, dirname(file), readText);
    if (typeof what === 'string') problems.push({ where: document.where([index]), message: what });
    else revocations.push({ what, since, why, by });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, revocations };
}

/** A text says what is wrong. */
function revokedBy(
  entry: z.infer<typeof writtenRevocations>[number],
  folder: string,
  readText: ReadText,
): Revoked | string {
  // what is mistaken here would revoke nothing, and nobody would notice
  if ('vault' in entry) {
    return vaultVersion(entry.vault) === undefined
      ? `"${entry.vault}" is no version of a key: write https://<vault>.vault.azure.net/keys/<name>/<version>, one entry for each`
      : { kind: 'vault', url: entry.vault };
  }
  if ('identity' in entry) return { kind: 'identity', ...entry.identity };
  if ('digest' in entry) {
    return isDigest(entry.digest)
      ? { kind: 'digest', digest: parseDigest(entry.digest) }
      : `"${entry.digest}" is no digest`;
  }
  if (isDigest(entry.key)) return { kind: 'key', fingerprint: entry.key };
  const file = resolve(folder, entry.key);
  try {
    return { kind: 'key', fingerprint: fingerprintOf(readText(file)) };
  } catch (cause) {
    return `cannot use ${file}: ${reasonOf(cause)}; write a public key's file, or its fingerprint ("sluice doctor" shows it)`;
  }
}

/** SHA-256 over the SPKI in DER form. Throws for what is no public key. */
export function fingerprintOf(pem: string): ReturnType<typeof digestOf> {
  if (pem.includes('PRIVATE KEY')) throw new TypeError('it holds a private key, which has no place here');
  return digestOf(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}

/** All problems on one line. */
export function revocationProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('; ');
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message;
}
