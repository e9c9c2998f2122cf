/** The keys and roots that a configuration names, read and looked at before anybody trusts them. */
import { createPublicKey } from 'node:crypto';
import { resolve } from 'node:path';
import type { SignatureTrust } from './config.ts';
import type { Draft, Finding } from './rules/rule.ts';

/** Returns the file's text; throws what `node:fs` throws. */
export type ReadText = (path: string) => string;

export interface TrustFiles {
  readonly trust: readonly SignatureTrust[];
  readonly findings: readonly Finding[];
}

export function readTrust(draft: Draft, folder: string, readText: ReadText): TrustFiles {
  const trust: SignatureTrust[] = [];
  const findings: Finding[] = [];
  for (const [index, entry] of (draft.trust?.signatures ?? []).entries()) {
    const base = ['trust', 'signatures', index];
    if (entry === undefined) continue;
    if ('key' in entry && entry.key !== undefined) {
      const file = resolve(folder, entry.key);
      const read = attempt(file, [...base, 'key'], readText, assertPublicKey);
      if (read.ok) trust.push({ kind: 'key', file, pem: read.text });
      else findings.push(read.finding);
    }
    if ('issuer' in entry && entry.trustedRoot !== undefined) {
      const read = attempt(resolve(folder, entry.trustedRoot), [...base, 'trustedRoot'], readText, assertJson);
      const { issuer = '', subject = '' } = entry;
      if (read.ok) trust.push({ kind: 'identity', issuer, subject, trustedRoot: read.text });
      else findings.push(read.finding);
    }
  }
  return { trust, findings };
}

type Read = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly finding: Finding };

function attempt(file: string, path: Finding['path'], readText: ReadText, check: (text: string) => void): Read {
  try {
    const text = readText(file);
    check(text);
    return { ok: true, text };
  } catch (cause) {
    const why = reason(cause);
    return {
      ok: false,
      finding: { path, message: `cannot use ${file}: ${why}`, remedy: remedyFor(String(path.at(-1))) },
    };
  }
}

function assertPublicKey(text: string): void {
  if (text.includes('PRIVATE KEY')) throw new Error('it holds a private key, which has no place here');
  createPublicKey(text);
}

function assertJson(text: string): void {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('it is no Sigstore trusted root (a JSON object)');
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message;
}

function remedyFor(field: string): string {
  return field === 'key'
    ? 'write the path of a public key in PEM form (cosign public-key), relative to the configuration'
    : 'write the path of a trusted root (cosign trusted-root create), relative to the configuration';
}
