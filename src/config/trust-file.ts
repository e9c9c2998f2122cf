/** `trust.yaml`: whose word counts for whoever looks at evidence, read with every mistake at once. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Problem } from '../domain/error-code.ts';
import { COMMON_SIGNATURES, type ProofRules, type SignatureRule } from '../domain/proof.ts';
import type { Revocation } from '../domain/revocation.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import { readApprovers } from './approver-files.ts';
import type { Approvers, RecordTrust, SignatureTrust } from './config.ts';
import { ConfigError } from './config-error.ts';
import { type Path, readDocument, type SourceDocument } from './document.ts';
import { approvalRule } from './normalise-approvals.ts';
import { signatureRule } from './normalise-proofs.ts';
import { statementRules } from './normalise-statements.ts';
import type { ReadText } from './reading.ts';
import { readRecordKeys } from './record-files.ts';
import { readRevocations } from './revocations.ts';
import type { Draft, Finding } from './rules/rule.ts';
import { problemsOfIssues } from './schema-problems.ts';
import { readTrust } from './trust-files.ts';
import { type WrittenTrustFile, writtenTrustFile } from './written-trust-file.ts';

export interface TrustFile {
  readonly signers: Readonly<Record<string, readonly Usable[]>>;
  readonly revocations: readonly Revocation[];
  readonly approvers: Approvers;
  /** A JWK set as it is written; undefined: nobody signs in with an identity provider. */
  readonly issuerKeys?: unknown;
  readonly environments: Readonly<Record<string, DemandedThere>>;
}

export interface DemandedThere {
  readonly signatures: SignatureRule;
  /** By whom the manifests must be signed; undefined: by nobody. */
  readonly manifests?: SignatureRule;
  /** What must be stated about the image. */
  readonly statements: Omit<Partial<ProofRules>, 'signatures' | 'manifests'>;
  /** Undefined: whom the plan asked. */
  readonly approval?: ApprovalRule;
  /** Undefined: no record is demanded. */
  readonly recordKey?: RecordTrust;
}

/** Throws {@link ConfigError} `config-missing` or `config-invalid`. */
export function readTrustFile(path: string, readText: ReadText = readUtf8): TrustFile {
  const file = resolve(path);
  const document = readDocument(textOf(file, readText), basename(file), {});
  if (!document.readable) throw new ConfigError('config-invalid', document.problems);
  const parsed = writtenTrustFile.safeParse(document.value);
  const shape = parsed.success ? [] : problemsOfIssues(parsed.error.issues, document).map(plain);
  if (!parsed.success) throw new ConfigError('config-invalid', [...document.problems, ...shape]);
  return read(parsed.data, file, document, readText);
}

function read(written: WrittenTrustFile, file: string, document: SourceDocument, readText: ReadText): TrustFile {
  const folder = dirname(file);
  const draft = written as unknown as Draft;
  const reading = { folder, readText, readFolder: () => [] };
  const signers = readTrust(draft, reading);
  const people = readApprovers(draft, folder, readText);
  const keys = written.trust.identity?.keys;
  const path = ['trust', 'identity', 'keys'];
  const issuerKeys = keys === undefined ? undefined : attempt(resolve(folder, keys), path, readText, keySetOf);
  const records = readRecordKeys(draft, folder, readText);
  const unread = issuerKeys?.ok === false ? [issuerKeys.finding] : [];
  const revoked = signers.revokedFile === undefined ? undefined : readRevocations(signers.revokedFile, readText);
  // what is said of entries that cannot be used here takes the place of what is wrong with their files
  const unusable = unusableEntries(written);
  const files = signers.findings.filter(
    (one) => !unusable.some(({ path: at }) => at.every((key, i) => key === one.path[i])),
  );
  const findings = [...files, ...unusable, ...people.findings, ...records.findings, ...unread];
  const problems = [...document.problems, ...findings.map((one) => problemOf(one, document)), ...people.problems];
  if (problems.length > 0) throw new ConfigError('config-invalid', problems);
  return {
    signers: mapped(signers.trust, (_, entries) => entries.filter(isUsable)),
    revocations: revoked?.ok === true ? revoked.revocations : [],
    approvers: people.approvers,
    ...(issuerKeys?.ok === true ? { issuerKeys: issuerKeys.value } : {}),
    environments: mapped(written.environments ?? {}, (name, said) => demanded(said, records.keys[name])),
  };
}

type Written = NonNullable<WrittenTrustFile['environments']>[string];

function demanded(written: Written, recordKey: RecordTrust | undefined): DemandedThere {
  const { signatures: rule, manifests } = written.proofs ?? {};
  const approval = written.approvals === undefined ? undefined : approvalRule(written as never);
  return {
    signatures: rule === undefined ? COMMON_SIGNATURES : signatureRule(rule),
    ...(manifests === undefined ? {} : { manifests: signatureRule(manifests) }),
    statements: statementRules(written.proofs ?? {}),
    ...(approval === undefined ? {} : { approval }),
    ...(recordKey === undefined ? {} : { recordKey }),
  };
}

type Usable = Extract<SignatureTrust, { kind: 'key' | 'identity' }>;

function isUsable(one: SignatureTrust): one is Usable {
  return one.kind === 'key' || one.kind === 'identity';
}

function mapped<Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (name: string, value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}

/** Nothing is asked of anybody here: what must be asked cannot be trusted. */
function unusableEntries({ trust }: WrittenTrustFile): readonly Finding[] {
  const lists = [
    ...(trust.signatures === undefined ? [] : [[['trust', 'signatures'], trust.signatures] as const]),
    ...Object.entries(trust.signers ?? {}).map(([name, entries]) => [['trust', 'signers', name], entries] as const),
  ];
  return lists.flatMap(([path, entries]) =>
    entries.flatMap((entry, index): readonly Finding[] => {
      if ('vault' in entry) {
        const remedy = 'write the public key of that version into a file, and "key" with its name';
        return [
          { path: [...path, index], message: 'evidence is looked at without a network: no vault is asked', remedy },
        ];
      }
      if (!('notation' in entry)) return [];
      const remedy = 'take it out, and verify these signatures with "notation" where the image lies';
      return [
        { path: [...path, index], message: 'signatures of the Notary Project cannot be verified in evidence', remedy },
      ];
    }),
  );
}

function keySetOf(text: string): object {
  const value: unknown = JSON.parse(text);
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it is no JWK set: {"keys": […]}');
  return value as object;
}

type Read<Value> =
  | { readonly ok: true; readonly file: string; readonly value: Value }
  | { readonly ok: false; readonly finding: Finding };

function attempt<Value>(file: string, path: Path, readText: ReadText, parse: (text: string) => Value): Read<Value> {
  try {
    return { ok: true, file, value: parse(readText(file)) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, finding: { path, message: `cannot use ${file}: ${why}` } };
  }
}

function problemOf({ path, message, remedy }: Finding, document: SourceDocument): Problem {
  return { where: document.where(path), message, ...(remedy === undefined ? {} : { remedy }) };
}

function plain({ where, message }: Problem): Problem {
  return { where, message };
}

function textOf(file: string, readText: ReadText): string {
  try {
    return readText(file);
  } catch (cause) {
    const isFolder = cause instanceof Error && 'code' in cause && cause.code === 'EISDIR';
    const message = isFolder ? 'it is a folder' : 'no such file';
    const remedy = isFolder
      ? `name the file in it with --trust: ${basename(file)}/trust.yaml`
      : 'name a trust file with --trust; "sluice evidence trust" writes one';
    throw new ConfigError('config-missing', [{ where: file, message, remedy }]);
  }
}

function readUtf8(file: string): string {
  return readFileSync(file, 'utf8');
}
