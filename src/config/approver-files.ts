/** The people whose answers count, from the configuration or the file it names, with their keys looked at before anybody trusts them. */
import { basename, dirname, resolve } from 'node:path';
import type { Problem } from '../domain/error-code.ts';
import { publicKeyOf } from '../statements/public-key.ts';
import type { Approvers, IdentityProvider, KeyHolder } from './config.ts';
import { IDENTITY } from './defaults.ts';
import { type Path, readDocument } from './document.ts';
import { unknownGroups } from './rules/groups.ts';
import { type Draft, type Finding, environmentsOf } from './rules/rule.ts';
import { problemsOfIssues } from './schema-problems.ts';
import type { ReadText } from './reading.ts';
import { writtenKeyHolders } from './written-approvals.ts';

export interface ApproverFiles {
  readonly approvers: Approvers;
  readonly findings: readonly Finding[];
  /** Mistakes in the file that is named, which has lines of its own. */
  readonly problems: readonly Problem[];
}

type DraftGroups = Readonly<Record<string, readonly (DraftHolder | undefined)[] | undefined>>;
type DraftHolder = {
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly aliases?: readonly (string | undefined)[] | undefined;
};

export function readApprovers(draft: Draft, folder: string, readText: ReadText): ApproverFiles {
  const written = draft.trust?.approvers;
  const identity = identityOf(draft, folder);
  const asking = environmentsOf(draft).filter(([, { approvals = [] }]) => approvals.length > 0);
  if (written === 'unproven') {
    const mixed = identity === undefined ? [] : [provenAndNot()];
    return { approvers: { kind: 'unproven' }, findings: mixed, problems: [] };
  }
  const proven = (people: readonly KeyHolder[]): Approvers =>
    identity === undefined ? { kind: 'proven', people } : { kind: 'proven', people, identity };
  if (written === undefined) {
    const findings =
      identity === undefined ? asking.map(([name]) => nobodyProves(name)) : unknownGroups(draft, groupsOf(identity));
    return { approvers: proven([]), findings, problems: [] };
  }
  if (!isFile(written)) {
    const read = readHolders(written as DraftGroups, folder, readText);
    const findings = read.findings.map((one) => ({ ...one, path: ['trust', 'approvers', ...one.path] }));
    return {
      approvers: proven(read.people),
      findings: [...findings, ...unknownGroups(draft, [...Object.keys(written), ...groupsOf(identity)])],
      problems: [],
    };
  }
  const file = readFile(resolve(folder, written.file), readText);
  if ('finding' in file) return { approvers: proven([]), findings: [file.finding], problems: [] };
  const findings = file.problems.length > 0 ? [] : unknownGroups(draft, [...file.groups, ...groupsOf(identity)]);
  return { approvers: proven(file.people), findings, problems: file.problems };
}

interface FileOfHolders {
  readonly people: readonly KeyHolder[];
  readonly groups: readonly string[];
  readonly problems: readonly Problem[];
}

function readFile(file: string, readText: ReadText): FileOfHolders | { readonly finding: Finding } {
  let text: string;
  try {
    text = readText(file);
  } catch (cause) {
    return { finding: { path: ['trust', 'approvers', 'file'], message: `cannot use ${file}: ${reasonOf(cause)}` } };
  }
  const document = readDocument(text, basename(file), {});
  if (!document.readable) return { people: [], groups: [], problems: document.problems };
  const parsed = writtenKeyHolders.safeParse(document.value);
  if (!parsed.success) {
    const shape = problemsOfIssues(parsed.error.issues, document).map(({ where, message }) => ({ where, message }));
    return { people: [], groups: [], problems: [...document.problems, ...shape] };
  }
  const { people, findings } = readHolders(parsed.data, dirname(file), readText);
  const problems = findings.map(({ path, message, remedy }) => ({
    where: document.where(path),
    message,
    ...(remedy === undefined ? {} : { remedy }),
  }));
  return { people, groups: Object.keys(parsed.data), problems: [...document.problems, ...problems] };
}

/** One person for each name, wherever it stands; one owner for each key. */
function readHolders(
  written: DraftGroups,
  folder: string,
  readText: ReadText,
): { readonly people: readonly KeyHolder[]; readonly findings: readonly Finding[] } {
  const people = new Map<string, KeyHolder>();
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [group, holders] of Object.entries(written)) {
    for (const [index, holder] of (holders ?? []).entries()) {
      if (holder?.name === undefined || holder.key === undefined) continue;
      const path = [group, index, 'key'];
      const read = readKey(resolve(folder, holder.key), path, readText);
      if ('finding' in read) {
        findings.push(read.finding);
        continue;
      }
      const name = holder.name.trim();
      const owner = owners.get(read.identity) ?? name;
      owners.set(read.identity, owner);
      if (owner.toLowerCase() !== name.toLowerCase()) {
        findings.push({ path, message: `"${name}" and "${owner}" have the same key`, remedy: 'give each their own' });
      }
      const aliases = (holder.aliases ?? []).filter((one) => one !== undefined);
      const known = people.get(name.toLowerCase()) ?? { name, aliases: [], groups: [], keys: [] };
      people.set(name.toLowerCase(), {
        name: known.name,
        aliases: distinct([...known.aliases, ...aliases]),
        groups: distinct([...known.groups, group]),
        keys: distinct([...known.keys, read.pem]),
      });
    }
  }
  return { people: [...people.values()], findings };
}

function readKey(
  file: string,
  path: Path,
  readText: ReadText,
): { readonly pem: string; readonly identity: string } | { readonly finding: Finding } {
  try {
    const pem = readText(file);
    return { pem, identity: JSON.stringify(publicKeyOf(pem).jwk) };
  } catch (cause) {
    const remedy =
      'write the path of a public key in PEM form, as "sluice login --key" leaves one, relative to this file';
    return { finding: { path, message: `cannot use ${file}: ${reasonOf(cause)}`, remedy } };
  }
}

function groupsOf(identity: IdentityProvider | undefined): readonly string[] {
  return Object.keys(identity?.groups ?? {});
}

function nobodyProves(environment: string): Finding {
  return {
    path: ['environments', environment, 'approvals'],
    onKey: true,
    message: 'people are asked, and nothing says how they prove who they are',
    remedy: 'write trust.approvers or trust.identity ("approvers: unproven" takes names on trust, for a laptop)',
  };
}

function provenAndNot(): Finding {
  return {
    path: ['trust', 'approvers'],
    message: 'with "unproven" every name is taken on trust, and "identity" would not be asked',
    remedy: 'remove one of them',
  };
}

function identityOf(draft: Draft, folder: string): IdentityProvider | undefined {
  const { issuer, clientId, audience, groupsClaim, groups, ca } = draft.trust?.identity ?? {};
  if (issuer === undefined || clientId === undefined) return undefined;
  const named = Object.entries(groups ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    issuer,
    clientId,
    audience: audience ?? clientId,
    groupsClaim: groupsClaim ?? IDENTITY.groupsClaim,
    groups: Object.fromEntries(named),
    ...(ca === undefined ? {} : { caFile: resolve(folder, ca) }),
  };
}

function isFile(written: object): written is { readonly file: string } {
  return 'file' in written && typeof written.file === 'string';
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message;
}
