/**
 * What SLSA provenance says of builder and source, in the shapes that builders write: GitHub, slsa-github-generator, BuildKit, Tekton
 * and those that follow the specification. Only what it says is known; where it names several sources none is taken.
 * v1: https://slsa.dev/spec/v1.1/provenance · v0.2: https://slsa.dev/spec/v0.2/provenance
 */
import { type GitSource, parseCommit, parseGitSource } from './git-source.ts';
import { at, listAt, textAt } from './stated.ts';

export const PROVENANCE_V1 = 'https://slsa.dev/provenance/v1';
export const PROVENANCE_V02 = 'https://slsa.dev/provenance/v0.2';
export const PROVENANCE_TYPES: readonly string[] = [PROVENANCE_V1, PROVENANCE_V02];

export interface ProvenanceClaims {
  readonly builder?: string;
  /** Repositories of the source, normalised: one, none when it says none, several when it contradicts itself or does not say which. */
  readonly repositories: readonly string[];
  /** As above; refs as written. */
  readonly refs: readonly string[];
  readonly commits: readonly string[];
}

export function claimsOf(predicateType: string, predicate: unknown): ProvenanceClaims {
  return predicateType === PROVENANCE_V02 ? claimsV02(predicate) : claimsV1(predicate);
}

function claimsV1(predicate: unknown): ProvenanceClaims {
  const external = at(predicate, 'buildDefinition', 'externalParameters');
  const named = ['workflow', 'source', 'configSource', 'buildConfigSource', 'sourceToBuild'].flatMap((key) =>
    sourcesIn(at(external, key)),
  );
  const stated = [...named, ...sourcesIn(external)];
  const vcs = at(predicate, 'runDetails', 'metadata', 'buildkit_metadata', 'vcs');
  const fetched = listAt(predicate, 'buildDefinition', 'resolvedDependencies').filter(isFromGit).flatMap(sourcesIn);
  return together(textAt(predicate, 'runDetails', 'builder', 'id'), stated, fetched, vcs);
}

function claimsV02(predicate: unknown): ProvenanceClaims {
  const stated = sourcesIn(at(predicate, 'invocation', 'configSource'));
  const vcs = at(predicate, 'metadata', 'https://mobyproject.org/buildkit@v1#metadata', 'vcs');
  const fetched = listAt(predicate, 'materials').filter(isFromGit).flatMap(sourcesIn);
  return together(textAt(predicate, 'builder', 'id'), stated, fetched, vcs);
}

/**
 * What was asked to be built comes before what was fetched, and that before what the client told of its own folder: among the things that were fetched the
 * source is known only when nothing else comes from Git. Dependencies on the very source add ref and commit.
 */
function together(
  builder: string | undefined,
  stated: readonly GitSource[],
  fetched: readonly GitSource[],
  vcs: unknown,
): ProvenanceClaims {
  const own = [stated, fetched, toldByClient(vcs)].find((one) => one.length > 0) ?? [];
  const repositories = distinct(own.map((one) => one.repository));
  const [repository] = repositories;
  const same = [...own, ...fetched].filter((one) => repositories.length === 1 && one.repository === repository);
  return {
    ...(builder === undefined ? {} : { builder }),
    repositories,
    refs: distinct(same.map((one) => one.ref)),
    commits: distinct(same.map((one) => one.commit)),
  };
}

/** Images, packages and files are fetched as well. */
function isFromGit(value: unknown): boolean {
  const address = addressIn(value) ?? '';
  return /^git\+|^(?:git|ssh):|^[^/:]+@[^/:]+:|\.git(?:[@#/]|$)/i.test(address) || commitsIn(value).length > 0;
}

/** An address as text, or with its ref and digest beside it: each thing that it says once. */
function sourcesIn(value: unknown): readonly GitSource[] {
  const source = parseGitSource(addressIn(value) ?? '');
  if (source === undefined) return [];
  const { repository, ref, commit } = source;
  const refs = [ref, ...refsIn(value)].flatMap((one) => (one === undefined ? [] : [{ repository, ref: one }]));
  const commits = [commit, ...commitsIn(value)].flatMap((one) =>
    one === undefined ? [] : [{ repository, commit: one }],
  );
  return [{ repository }, ...refs, ...commits];
}

function addressIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : (textAt(value, 'uri') ?? textAt(value, 'repository'));
}

function refsIn(value: unknown): readonly string[] {
  const branch = textAt(value, 'branch');
  const named = branch === undefined || branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
  return [textAt(value, 'ref'), named].filter((one) => one !== undefined);
}

function commitsIn(value: unknown): readonly string[] {
  const digest = at(value, 'digest');
  const said = [at(digest, 'gitCommit'), at(digest, 'sha1'), at(value, 'commit')];
  return said.map(parseCommit).filter((one) => one !== undefined);
}

/** BuildKit, building a folder: the client says where its folder comes from. A revision that is "dirty" is no commit. */
function toldByClient(vcs: unknown): readonly GitSource[] {
  const source = parseGitSource(textAt(vcs, 'source') ?? '');
  if (source === undefined) return [];
  const commit = parseCommit(at(vcs, 'revision'));
  return [commit === undefined ? source : { ...source, commit }];
}

function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((one) => one !== undefined))];
}
