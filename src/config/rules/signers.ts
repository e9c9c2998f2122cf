/** Signers: what their entries must not say, and that whoever is named is known. */
import { COMMON_SIGNER } from '../../domain/proof.ts';
import { isName } from '../../domain/names.ts';
import { subjectPatternProblem } from '../../domain/subject-pattern.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';
import { type Draft, type DraftEnvironment, type Finding, environmentsOf } from './rule.ts';

/** A place where rules name signers. */
interface Naming {
  readonly path: Path;
  readonly names: readonly (string | undefined)[];
}

/** Every field of every kind of entry; those of other kinds are not there. */
interface DraftEntry {
  readonly key?: string;
  readonly vault?: string;
  readonly from?: string;
  readonly until?: string;
  readonly trustedRoot?: string;
  readonly transparencyLog?: string;
  readonly timestamp?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly subjectPattern?: string;
}

export function signersAreNamed(draft: Draft): readonly Finding[] {
  return Object.keys(draft.trust?.signers ?? {}).flatMap((name) => {
    const path = ['trust', 'signers', name];
    if (name === COMMON_SIGNER) {
      const message = `"${name}" is the signer that trust.signatures makes up`;
      return [{ path, onKey: true, message, remedy: 'give it another name' }];
    }
    const remedy = 'use lower-case letters, digits and "-" (at most 63, starting and ending with a letter or digit)';
    return isName(name) ? [] : [{ path, onKey: true, message: `"${name}" cannot be a name`, remedy }];
  });
}

/** Somebody must be able to sign for every environment. */
export function everyImageHasSigners(draft: Draft): readonly Finding[] {
  if (draft.trust === undefined || draft.trust.signatures !== undefined) return [];
  const remedy = 'write trust.signatures, or proofs.signatures in every environment';
  if (draft.trust.signers === undefined) {
    return [{ path: ['trust'], onKey: true, message: 'nothing says whose signatures count', remedy }];
  }
  return environmentsOf(draft)
    .filter(([, { proofs }]) => proofs?.signatures === undefined)
    .map(([name]) => ({
      path: ['environments', name],
      onKey: true,
      message: `nothing says whose signatures count in "${name}"`,
      remedy,
    }));
}

export function namedSignersExist(draft: Draft): readonly Finding[] {
  const known = knownSigners(draft);
  return environmentsOf(draft)
    .flatMap(([name, environment]) => namingsOf(['environments', name, 'proofs'], environment))
    .flatMap(({ path, names }) =>
      names.flatMap((name, index) => {
        if (name === undefined) return [];
        if (names.indexOf(name) < index) return [{ path: [...path, index], message: `"${name}" is named twice` }];
        return known.includes(name) ? [] : [unknownSigner([...path, index], name, known)];
      }),
    );
}

/** Each kind of proof adds where it names signers. */
function namingsOf(base: Path, { proofs }: DraftEnvironment): readonly Naming[] {
  const { signatures, manifests, provenance, sbom, vulnerabilities, predicates = [] } = proofs ?? {};
  const at = (...path: Path): Path => [...base, ...path];
  return [
    ...ofRule(at('signatures'), signatures),
    ...ofRule(at('manifests'), manifests),
    { path: at('provenance', 'by'), names: provenance?.by ?? [] },
    { path: at('sbom', 'by'), names: sbom?.by ?? [] },
    { path: at('vulnerabilities', 'by'), names: vulnerabilities?.by ?? [] },
    { path: at('vulnerabilities', 'vexBy'), names: vulnerabilities?.vexBy ?? [] },
    ...predicates.map((one, index) => ({ path: at('predicates', index, 'by'), names: one?.by ?? [] })),
  ];
}

function ofRule(path: Path, rule: object | undefined): readonly Naming[] {
  return Object.entries(rule ?? {}).map(([need, names]) => ({
    path: [...path, need],
    names: names as Naming['names'],
  }));
}

function knownSigners({ trust }: Draft): readonly string[] {
  return [...(trust?.signatures === undefined ? [] : [COMMON_SIGNER]), ...Object.keys(trust?.signers ?? {})];
}

function unknownSigner(path: Path, name: string, known: readonly string[]): Finding {
  const remedy = `name its keys under trust.signers; known: ${known.join(', ') || 'nobody'}`;
  return { path, message: `there is no signer "${name}"${didYouMean(name, known)}`, remedy };
}

export function signerEntriesAreSound(draft: Draft): readonly Finding[] {
  return entriesOf(draft).flatMap(({ path, entry }) => [
    ...validity(path, entry),
    ...confirmation(path, entry),
    ...subject(path, entry),
    ...vaultKey(path, entry),
  ]);
}

interface PlacedEntry {
  readonly path: Path;
  readonly entry: DraftEntry;
}

/** Of all signers, `trust.signatures` first. */
export function entriesOf({ trust }: Draft): readonly PlacedEntry[] {
  const placed = (base: Path, entries: readonly unknown[]): readonly PlacedEntry[] =>
    entries.flatMap((entry, index) =>
      entry === undefined ? [] : [{ path: [...base, index], entry: entry as DraftEntry }],
    );
  return [
    ...placed(['trust', 'signatures'], trust?.signatures ?? []),
    ...Object.entries(trust?.signers ?? {}).flatMap(([name, entries]) =>
      placed(['trust', 'signers', name], entries ?? []),
    ),
  ];
}

function validity(path: Path, { from, until }: DraftEntry): readonly Finding[] {
  if (from === undefined || until === undefined || Date.parse(from) < Date.parse(until)) return [];
  return [{ path: [...path, 'until'], message: 'it ends before it begins', remedy: 'write a time after "from"' }];
}

/** A demand that nothing could meet, and a root that nothing would ask. */
function confirmation(path: Path, entry: DraftEntry): readonly Finding[] {
  const { issuer, trustedRoot, transparencyLog, timestamp } = entry;
  const demanded = (['transparencyLog', 'timestamp'] as const).filter((one) => entry[one] === 'required');
  if (issuer !== undefined) {
    if (transparencyLog !== 'off' || timestamp !== 'off') return [];
    const message = 'without log and timestamp nothing says when it was signed, and its certificate lives for minutes';
    return [{ path: [...path, 'timestamp'], message, remedy: 'leave one of them on' }];
  }
  if (trustedRoot === undefined) {
    const remedy = 'write trustedRoot, with the keys of the log and of the timestamp authority';
    return demanded.map((one) => ({ path: [...path, one], message: 'nothing could check it', remedy }));
  }
  if (demanded.length > 0) return [];
  const remedy = 'write "transparencyLog: required" or "timestamp: required", or remove it';
  return [{ path: [...path, 'trustedRoot'], message: 'nothing asks this root', remedy }];
}

function subject(path: Path, { issuer, subject: exact, subjectPattern }: DraftEntry): readonly Finding[] {
  if (issuer === undefined) return [];
  if ((exact === undefined) === (subjectPattern === undefined)) {
    const message = exact === undefined ? '"subject" is missing' : '"subject" and "subjectPattern" exclude each other';
    const remedy = 'write the subject exactly, or a pattern from ^ to $ as "subjectPattern"';
    return [{ path: exact === undefined ? path : [...path, 'subjectPattern'], message, remedy }];
  }
  const problem = subjectPattern === undefined ? undefined : subjectPatternProblem(subjectPattern);
  if (problem === undefined) return [];
  const remedy =
    "write it like '^https://github\\.com/acme/[a-z0-9-]+/\\.github/workflows/release\\.yml@refs/heads/main$'";
  return [{ path: [...path, 'subjectPattern'], message: `the pattern cannot be used: ${problem}`, remedy }];
}

const VAULT_KEY = /^\/keys\/[A-Za-z0-9-]{1,127}\/[A-Za-z0-9]{1,64}$/;

function vaultKey(path: Path, { vault }: DraftEntry): readonly Finding[] {
  if (vault === undefined) return [];
  const at = [...path, 'vault'];
  const remedy =
    'write https://<vault>.vault.azure.net/keys/<name>/<version> ("az keyvault key show" says it as "kid")';
  if (!URL.canParse(vault)) return [{ path: at, message: 'this is no address', remedy }];
  const { protocol, username, search, hash, pathname } = new URL(vault);
  if (protocol !== 'https:') return [{ path: at, message: 'the address is not https://', remedy }];
  if (username !== '' || search !== '' || hash !== '')
    return [{ path: at, message: 'this is no key of a vault', remedy }];
  if (VAULT_KEY.test(pathname)) return [];
  const message = /^\/keys\/[^/]+\/?$/.test(pathname)
    ? 'the version is missing, and without it whoever rotates the key decides whom you trust'
    : 'this is no key of a vault';
  return [{ path: at, message, remedy }];
}
