/** `sluice evidence trust`: whose word counts by the present sluice.yaml, as a folder for whoever looks at evidence elsewhere. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Approvers, Config, KeyHolder, SignatureTrust } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { formatDuration } from '../../config/duration.ts';
import { COMMON_SIGNER, type ProofRules } from '../../domain/proof.ts';
import { type ApprovalRule, groupsOfRule } from '../../domain/rulebook.ts';
import { issuerKeys } from '../wire.ts';
import { writeOut } from './write-out.ts';

export interface WrittenTrust {
  /** The trust file. */
  readonly file: string;
  /** What it names, relative to it. */
  readonly keys: readonly string[];
  /** What cannot be verified without asking somebody, and is not in it. */
  readonly leftOut: readonly string[];
}

export async function writeTrust(folder: string, path: string | undefined): Promise<WrittenTrust> {
  const config = await loadConfig(path);
  const files = new Map<string, string>();
  const trust = await trustOf(config, files);
  const environments = environmentsOf(config, files);
  const text = stringify({ version: 1, trust, environments }, { lineWidth: 0 });
  const file = join(folder, 'trust.yaml');
  for (const [name, content] of [...files, ['trust.yaml', `${HEAD}${text}`] as const]) {
    await writeOut(join(folder, name), content);
  }
  return { file, keys: [...files.keys()], leftOut: leftOutOf(config) };
}

const HEAD =
  '# Whose word counts for "sluice evidence verify"; docs/evidence.md. Written from a sluice.yaml: look at it before you trust it.\n';

/** Files that a trust file names, by their path beside it. */
type Files = Map<string, string>;

async function trustOf(config: Config, files: Files): Promise<object> {
  const { [COMMON_SIGNER]: common, ...signers } = config.trust;
  const entries = (name: string, list: readonly SignatureTrust[]): readonly object[] =>
    list.flatMap((one, at) => signerEntry(one, `signers/${name}-${at + 1}`, files) ?? []);
  const revoked = config.revokedFile === undefined ? {} : { revoked: 'revoked.yaml' };
  if (config.revokedFile !== undefined) files.set('revoked.yaml', await readFile(config.revokedFile, 'utf8'));
  return {
    ...revoked,
    ...(common === undefined ? {} : { signatures: entries(COMMON_SIGNER, common) }),
    ...(Object.keys(signers).length === 0 ? {} : { signers: mapped(signers, entries) }),
    ...(await approversOf(config.approvers, files)),
  };
}

/** Undefined for what asks somebody else when it verifies: evidence is looked at without. */
function signerEntry(one: SignatureTrust, name: string, files: Files): object | undefined {
  if (one.kind === 'vault' || one.kind === 'notation') return undefined;
  const { kind: _, trustedRoot, ...said } = one;
  if (trustedRoot !== undefined) files.set(`${name}.root.json`, trustedRoot);
  const root = trustedRoot === undefined ? {} : { trustedRoot: `${name}.root.json` };
  if (!('pem' in said)) return { ...said, ...root };
  const { file: __, pem, ...times } = said;
  files.set(`${name}.pub`, pem);
  return { key: `${name}.pub`, ...times, ...root };
}

/** Entries of signers that are not in the trust file: their vaults and programs cannot be asked. */
function leftOutOf({ trust }: Config): readonly string[] {
  return Object.entries(trust).flatMap(([name, entries]) =>
    entries.flatMap((one) => {
      if (one.kind === 'vault')
        return [`${name}: ${one.url} (write its public key into a file, and "key" with its name)`];
      return one.kind === 'notation' ? [`${name}: signatures of the Notary Project`] : [];
    }),
  );
}

async function approversOf(approvers: Approvers, files: Files): Promise<object> {
  if (approvers.kind === 'unproven') return { approvers: 'unproven' };
  const people = approvers.people.length === 0 ? {} : { approvers: holdersOf(approvers.people, files) };
  if (approvers.identity === undefined) return people;
  const { caFile: _, ...provider } = approvers.identity;
  files.set('issuer.keys.json', `${JSON.stringify(await issuerKeys(approvers.identity), null, 2)}\n`);
  return { ...people, identity: { ...provider, keys: 'issuer.keys.json' } };
}

/** Names that are names of files as well; never the number that stands for another one. */
const FILE_NAME = /^[A-Za-z][\w.@-]*$/;

function holdersOf(people: readonly KeyHolder[], files: Files): object {
  const groups: Record<string, object[]> = {};
  for (const [number, { name, aliases, groups: own, keys }] of people.entries()) {
    for (const [at, pem] of keys.entries()) {
      const file = `approvers/${FILE_NAME.test(name) ? name : number + 1}-${at + 1}.pub`;
      files.set(file, pem);
      for (const group of own) {
        const holder = { name, key: file, ...(aliases.length === 0 ? {} : { aliases }) };
        (groups[group] ??= []).push(holder);
      }
    }
  }
  return groups;
}

function environmentsOf({ rulebook, records }: Config, files: Files): object {
  for (const [name, { pem }] of Object.entries(records)) files.set(`records/${name}.pub`, pem);
  return Object.fromEntries(
    Object.entries(rulebook.environments).map(([name, { proofs, approval }]) => {
      return [
        name,
        {
          ...(proofs === undefined ? {} : { proofs: writtenProofsOf(proofs) }),
          ...(approval === undefined ? {} : { approvals: approvalsOf(approval), ...policyOf(approval) }),
          ...(records[name] === undefined ? {} : { records: { publicKey: `records/${name}.pub` } }),
        },
      ];
    }),
  );
}

/** As sluice.yaml writes them. What is wanted of earlier records is proven by the records themselves. */
function writtenProofsOf({ signatures, manifests, provenance, sbom, vulnerabilities, predicates }: ProofRules): object {
  const { commit, ...origin } = provenance ?? {};
  const { noOlderThanMs = 0, ...report } = vulnerabilities ?? {};
  return {
    signatures: { [signatures.need]: signatures.of },
    ...(manifests === undefined ? {} : { manifests: { [manifests.need]: manifests.of } }),
    ...(provenance === undefined
      ? {}
      : { provenance: { ...origin, ...(commit === undefined ? {} : { commit: 'required' }) } }),
    ...(sbom === undefined ? {} : { sbom }),
    ...(vulnerabilities === undefined
      ? {}
      : { vulnerabilities: { ...report, noOlderThan: formatDuration(noOlderThanMs) } }),
    ...(predicates === undefined
      ? {}
      : {
          predicates: predicates.map(({ name, predicateType: type, by, expression: cel, because }) => {
            return { name, type, by, cel, because };
          }),
        }),
  };
}

function approvalsOf(rule: ApprovalRule): readonly object[] {
  return groupsOfRule(rule).map(({ required, from, notRequester, notAuthor }) => ({
    required,
    from,
    not: [...(notRequester ? ['requester'] : []), ...(notAuthor === true ? ['author'] : [])],
  }));
}

/** When whom else is asked does not matter any more: who may have answered does. */
function policyOf({ order, widen }: ApprovalRule): object {
  const policy = {
    ...(order === undefined ? {} : { order }),
    ...(widen === undefined ? {} : { widen: { after: `${Math.ceil(widen.afterMs / 1_000)}s`, to: widen.to } }),
  };
  return Object.keys(policy).length === 0 ? {} : { approvalPolicy: policy };
}

function mapped<Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (name: string, value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}
