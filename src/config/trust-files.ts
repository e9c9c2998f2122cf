/** The keys, roots and stores that a configuration names, read and looked at before anybody trusts them. */
import { createPublicKey } from 'node:crypto';
import { resolve } from 'node:path';
import { COMMON_SIGNER } from '../domain/proof.ts';
import type { Confirmation, Signers, SignatureTrust, StoredFile, Validity } from './config.ts';
import type { ReadFolder, ReadText } from './reading.ts';
import { readRevocations, revocationProblems } from './revocations.ts';
import type { Draft, Finding } from './rules/rule.ts';
import type { Path } from './document.ts';
import { notationPolicyProblem } from './notation-policy.ts';

export interface TrustFiles {
  readonly trust: Signers;
  readonly revokedFile?: string;
  readonly findings: readonly Finding[];
}

/** With what files are read, and where relative paths begin. */
interface Reading {
  readonly folder: string;
  readonly readText: ReadText;
  readonly readFolder: ReadFolder;
}

type DraftEntries = NonNullable<NonNullable<Draft['trust']>['signatures']>;
type DraftEntry = NonNullable<DraftEntries[number]>;
type Entry =
  { readonly ok: true; readonly trust: SignatureTrust } | { readonly ok: false; readonly findings: readonly Finding[] };

export function readTrust({ trust }: Draft, reading: Reading): TrustFiles {
  const written: (readonly [string, Path, DraftEntries])[] = Object.entries(trust?.signers ?? {}).map(
    ([name, entries]) => [name, ['trust', 'signers', name], entries ?? []],
  );
  if (trust?.signatures !== undefined) written.unshift([COMMON_SIGNER, ['trust', 'signatures'], trust.signatures]);
  const findings: Finding[] = [];
  const signers = written.map(([name, base, entries]) => {
    const read = entries.flatMap((entry, index) =>
      entry === undefined ? [] : [readEntry(entry, [...base, index], reading)],
    );
    findings.push(...read.flatMap((one) => (one.ok ? [] : one.findings)));
    return [name, read.flatMap((one) => (one.ok ? [one.trust] : []))] as const;
  });
  const revoked = trust?.revoked === undefined ? undefined : resolve(reading.folder, trust.revoked);
  if (revoked !== undefined) findings.push(...lookAtRevoked(revoked, reading));
  return {
    trust: Object.fromEntries(signers),
    ...(revoked === undefined ? {} : { revokedFile: revoked }),
    findings,
  };
}

function readEntry(entry: DraftEntry, path: Path, reading: Reading): Entry {
  const common = { ...validityOf(entry) };
  if ('notation' in entry) return readNotation(entry.notation, [...path, 'notation'], reading, common);
  const root = 'trustedRoot' in entry ? readRoot(entry.trustedRoot, [...path, 'trustedRoot'], reading) : undefined;
  if (root?.ok === false) return { ok: false, findings: [root.finding] };
  const confirmed = { ...common, ...confirmationOf(entry) };
  if ('issuer' in entry) {
    const { issuer = '', subject, subjectPattern } = entry;
    if (root === undefined) return { ok: false, findings: [] };
    const identity = { kind: 'identity' as const, issuer, trustedRoot: root.text, ...confirmed };
    if (subjectPattern !== undefined) return { ok: true, trust: { ...identity, subjectPattern } };
    return { ok: true, trust: { ...identity, subject: subject ?? '' } };
  }
  const rooted = root === undefined ? confirmed : { ...confirmed, trustedRoot: root.text };
  if ('vault' in entry && entry.vault !== undefined) {
    return { ok: true, trust: { kind: 'vault', url: entry.vault, ...rooted } };
  }
  if (!('key' in entry) || entry.key === undefined) return { ok: false, findings: [] };
  const file = resolve(reading.folder, entry.key);
  const read = attempt(file, [...path, 'key'], reading.readText, assertPublicKey);
  return read.ok
    ? { ok: true, trust: { kind: 'key', file, pem: read.text, ...rooted } }
    : { ok: false, findings: [read.finding] };
}

function readRoot(written: string | undefined, path: Path, { folder, readText }: Reading): Read | undefined {
  return written === undefined ? undefined : attempt(resolve(folder, written), path, readText, assertJson);
}

function readNotation(
  written: { readonly trustPolicy?: string | undefined; readonly trustStore?: string | undefined } | undefined,
  path: Path,
  { folder, readText, readFolder }: Reading,
  validity: Validity,
): Entry {
  const { trustPolicy, trustStore } = written ?? {};
  if (trustPolicy === undefined || trustStore === undefined) return { ok: false, findings: [] };
  const policy = attempt(resolve(folder, trustPolicy), [...path, 'trustPolicy'], readText, assertStrictPolicy);
  const store = attemptFolder(resolve(folder, trustStore), [...path, 'trustStore'], readFolder);
  const findings = [policy, store].flatMap((one) => (one.ok ? [] : [one.finding]));
  if (!policy.ok || !store.ok) return { ok: false, findings };
  return { ok: true, trust: { kind: 'notation', trustPolicy: policy.text, trustStore: store.files, ...validity } };
}

/** Only workers read it, where they run: elsewhere it may be missing, and a worker without it lets nothing through. */
function lookAtRevoked(file: string, { readText }: Reading): readonly Finding[] {
  const read = readRevocations(file, readText);
  if (read.ok || read.isMissing === true) return [];
  const remedy = 'write a list of what is revoked, each with since, why and by; [] where it is nothing yet';
  return [{ path: ['trust', 'revoked'], message: `cannot use ${file}: ${revocationProblems(read.problems)}`, remedy }];
}

function validityOf({ from, until }: DraftEntry): Validity {
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

function confirmationOf(entry: DraftEntry): Confirmation {
  const { transparencyLog, timestamp } = entry as Confirmation;
  return {
    ...(transparencyLog === undefined ? {} : { transparencyLog }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

type Read = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly finding: Finding };
type ReadFiles =
  { readonly ok: true; readonly files: readonly StoredFile[] } | { readonly ok: false; readonly finding: Finding };

function attempt(file: string, path: Path, readText: ReadText, check: (text: string) => void): Read {
  try {
    const text = readText(file);
    check(text);
    return { ok: true, text };
  } catch (cause) {
    return { ok: false, finding: unusable(file, path, cause) };
  }
}

function attemptFolder(folder: string, path: Path, readFolder: ReadFolder): ReadFiles {
  try {
    const files = readFolder(folder);
    if (!files.some((one) => one.path.startsWith('x509/')))
      throw new Error('it holds no folder x509 with certificates');
    return { ok: true, files };
  } catch (cause) {
    return { ok: false, finding: unusable(folder, path, cause) };
  }
}

function unusable(file: string, path: Path, cause: unknown): Finding {
  const remedy = REMEDIES[String(path.at(-1))];
  return { path, message: `cannot use ${file}: ${reason(cause)}`, ...(remedy === undefined ? {} : { remedy }) };
}

function assertPublicKey(text: string): void {
  if (text.includes('PRIVATE KEY')) throw new Error('it holds a private key, which has no place here');
  createPublicKey(text);
}

function assertJson(text: string): void {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('it is no Sigstore trusted root (a JSON object)');
}

function assertStrictPolicy(text: string): void {
  const problem = notationPolicyProblem(text);
  if (problem !== undefined) throw new Error(problem);
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message;
}

const REMEDIES: Readonly<Record<string, string>> = {
  key: 'write the path of a public key in PEM form (cosign public-key), relative to the configuration',
  trustedRoot: 'write the path of a trusted root (cosign trusted-root create), relative to the configuration',
  trustPolicy: 'write the path of a trustpolicy.json of version 1.0 whose policies all say "level": "strict"',
  trustStore: 'write the folder that holds x509/<ca or signingAuthority>/<name>/<certificate>',
};
