/**
 * Semantic versions (semver.org 2.0.0) from tags and conventional commits: each commit on the line of the branch is a version of its own,
 * `1.4.2+ab12cd34ef56`, and a tag states one: `1.5.0`. Pure.
 */
import semver from 'semver';
import { firstParents } from './calendar.ts';
import { type Change, changeIn, gravest } from './conventional.ts';
import type { SourceCommit, SourceHistory, SourceTag } from './history.ts';
import type { Line } from './line.ts';
import { LONGEST, shortOf } from './version.ts';
import { VersionError } from './version-error.ts';

export interface SemanticOptions {
  /** Whose tags count, `<service>/v1.2.3`; where there is none, and without a service, `v1.2.3` does. */
  readonly service?: string | undefined;
  /** The version that the first commit follows while there is no tag. */
  readonly first?: string | undefined;
}

export interface StatedVersion {
  readonly commit: string;
  readonly version: string;
}

/** Throws `version-tag-missing`, `version-tag-ambiguous`, `version-malformed`. */
export function semanticVersion(history: SourceHistory, line: Line, options: SemanticOptions): string {
  const { head } = history;
  const stated = statedVersions(history.tags, options.service);
  const base = baseOf(stated, options);
  const own = versionOn(head, stated, base);
  if (own !== undefined) return own;
  const since = base.commit === undefined ? history.commits : notBefore(history.commits, base.commit);
  const chain = firstParents(since);
  const numbers = counted(base.version, chain, since, history.touching);
  if (line.label === undefined) return assertShort(`${numbers}+${shortOf(head.commit)}`);
  const rest = `.${chain.length}+${shortOf(head.commit)}`;
  const room = LONGEST - numbers.length - rest.length - 1;
  const label = line.label.slice(0, Math.max(room, 1)).replace(/-+$/, '');
  return assertShort(`${numbers}-${label}${rest}`);
}

/** Build metadata has no place in a tag: the sign before it becomes one that has, and no other sign does. */
export function tagFormOf(version: string): string {
  return version.replace('+', '_');
}

/** Tags that state a version of the service: its own where it has some, else those of the whole repository. */
function statedVersions(tags: readonly SourceTag[], service: string | undefined): readonly StatedVersion[] {
  const own = service === undefined ? [] : tags.flatMap((tag) => statedBy(tag, `${service}/v`));
  return own.length > 0 ? own : tags.flatMap((tag) => statedBy(tag, 'v'));
}

export function isVersionTag(name: string, service: string | undefined): boolean {
  return statedVersions([{ name, commit: '' }], service).length > 0;
}

function statedBy({ name, commit }: SourceTag, prefix: string): readonly StatedVersion[] {
  if (!name.startsWith(prefix)) return [];
  const version = name.slice(prefix.length);
  // parsed strictly, and written as it was parsed: "v1.2.3+x" and "v01.2.3" state none
  return semver.valid(version) === version ? [{ commit, version }] : [];
}

interface Base {
  readonly version: string;
  /** Undefined: before the first commit. */
  readonly commit?: string;
}

/** The highest one that is no pre-release. */
function baseOf(stated: readonly StatedVersion[], { service, first }: SemanticOptions): Base {
  const [highest] = stated
    .filter(({ version }) => semver.prerelease(version) === null)
    .toSorted((a, b) => semver.rcompare(a.version, b.version));
  if (highest !== undefined) return highest;
  if (first !== undefined) return { version: first };
  const name = service === undefined ? 'v1.2.3' : `${service}/v1.2.3 or v1.2.3`;
  throw new VersionError('version-tag-missing', 'no tag that states a version can be reached from here', {
    expected: `a tag such as ${name}`,
    remedy:
      'fetch the tags (Azure Pipelines: "fetchTags: true" and "fetchDepth: 0" of the checkout; GitHub: "fetch-depth: 0"), or, where there is none yet, set one or name the version before the first with --first 0.1.0',
  });
}

/** What a tag says of HEAD itself. */
function versionOn(head: SourceCommit, stated: readonly StatedVersion[], base: Base): string | undefined {
  const here = [...new Set(stated.filter(({ commit }) => commit === head.commit).map(({ version }) => version))];
  const [own, ...others] = here;
  if (own === undefined) return undefined;
  if (others.length > 0) {
    throw new VersionError('version-tag-ambiguous', 'the commit has tags of several versions', {
      expected: 'one',
      got: here.toSorted(semver.compare).join(', '),
      remedy: 'delete those that are wrong, here and where you fetch from',
    });
  }
  if (semver.lt(own, base.version) && base.commit !== head.commit) {
    throw new VersionError('version-tag-ambiguous', 'an earlier commit has the tag of a higher version', {
      expected: `more than ${base.version}`,
      got: own,
      remedy: 'delete the tag that is wrong, here and where you fetch from',
    });
  }
  return assertShort(own);
}

/** Those that the base does not contain. */
function notBefore(commits: readonly SourceCommit[], base: string): readonly SourceCommit[] {
  const before = reachable(commits, [base]);
  return commits.filter(({ commit }) => !before.has(commit));
}

function reachable(commits: readonly SourceCommit[], from: readonly string[]): ReadonlySet<string> {
  const known = new Map(commits.map((one) => [one.commit, one]));
  const seen = new Set<string>();
  const open = [...from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(known.get(next)?.parents ?? []));
  }
  return seen;
}

/** Each commit of the line, oldest first, with all that it merged, counts once by the gravest change in it. */
function counted(
  base: string,
  chain: readonly SourceCommit[],
  commits: readonly SourceCommit[],
  touching: SourceHistory['touching'],
): string {
  const known = new Map(commits.map((one) => [one.commit, one]));
  const done = new Set<string>();
  let version = base;
  for (const step of chain.toReversed()) {
    const brought = take(step, known, done).filter(({ commit }) => touching?.has(commit) ?? true);
    const change = gravest(brought.map(({ message }) => changeIn(message)));
    if (change !== undefined) version = raised(version, change);
  }
  return version;
}

function take(
  from: SourceCommit,
  known: ReadonlyMap<string, SourceCommit>,
  done: Set<string>,
): readonly SourceCommit[] {
  const taken: SourceCommit[] = [];
  const open = [from.commit];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const one = known.get(next);
    if (one === undefined || done.has(next)) continue;
    done.add(next);
    taken.push(one);
    open.push(...one.parents);
  }
  return taken;
}

/** Before 1.0.0 anything may change (semver.org, 4): what breaks raises the second number. */
function raised(version: string, change: Change): string {
  const { major, minor, patch } = new semver.SemVer(version);
  if (change === 'breaking' && major > 0) return `${major + 1}.0.0`;
  if (change === 'breaking' || change === 'feature') return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

function assertShort(version: string): string {
  if (version.length <= LONGEST && semver.valid(version) !== null) return version;
  throw new VersionError('version-malformed', `"${version}" is too long for a label, or no version`, {
    expected: `at most ${LONGEST} characters`,
    got: `${version.length}`,
    remedy: 'correct the tag that states such numbers',
  });
}
