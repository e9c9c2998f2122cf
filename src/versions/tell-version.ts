/** From a checkout to its version: everything that stands in the way is said at once. */
import type { ErrorCode, Problem } from '../domain/error-code.ts';
import { calendarVersion } from './calendar.ts';
import type { Checkout, Git } from './git.ts';
import type { SourceHistory } from './history.ts';
import { type Line, lineOf } from './line.ts';
import { isVersionTag, semanticVersion, tagFormOf } from './semantic.ts';
import { faultsOf, type Scheme, type SourceVersion } from './version.ts';
import { VersionError } from './version-error.ts';

/** What the run of a pipeline says of itself. */
export interface RunFacts {
  readonly ref?: string;
  readonly commit?: string;
  readonly pullRequest: boolean;
  readonly fork: boolean;
  readonly isProtected?: boolean;
}

export interface VersionWish {
  readonly scheme: Scheme;
  readonly service?: string | undefined;
  /** Undefined: as the run says, else as it is checked out. */
  readonly branch?: string | undefined;
  /** Only what changes below them counts. Empty: everything does. */
  readonly paths: readonly string[];
  readonly first?: string | undefined;
  /** It is to be one that may be released. */
  readonly release: boolean;
  readonly releaseLines: readonly string[];
  /** Undefined: no pipeline that is known. */
  readonly run?: RunFacts | undefined;
}

/** Throws `git-failing`, `checkout-…`, `branch-unknown`, `version-…`, `input-invalid`. */
export async function tellVersion(git: Git, wish: VersionWish): Promise<SourceVersion> {
  const checkout = await git.checkout();
  const ref = refOf(checkout, wish);
  const line = ref === undefined ? undefined : lineIn(ref, wish);
  const troubles = [...ofCheckout(checkout), ...ofLine(line, checkout, wish)];
  if (troubles.length > 0 || line === undefined) throw asError(troubles);
  const history = await historyOf(git, wish);
  const told = versionIn(history, line, wish);
  const [fault] = faultsOf(told.version);
  if (fault !== undefined) throw new VersionError('version-malformed', fault.message, { problems: [fault] });
  const { head, touching } = history;
  return {
    ...told,
    containerTag: told.version,
    label: told.version,
    commit: head.commit,
    branch: line.name,
    scheme: wish.scheme,
    prerelease: line.because !== undefined || told.semver.includes('-'),
    changed: touching?.has(head.commit) ?? true,
    sourceDateEpoch: head.at,
  };
}

/** The run speaks of the commit for which it was started: of another one that is checked out it says nothing. */
function refOf(checkout: Checkout, { branch, run }: VersionWish): string | undefined {
  if (branch !== undefined) return branch;
  if (run?.ref !== undefined && (run.commit === undefined || run.commit === checkout.commit)) return run.ref;
  return checkout.branch === undefined ? undefined : `refs/heads/${checkout.branch}`;
}

/** `v1.2.3`, `2026.11`, `iam/v7`: a tag by which people number what they release. */
const NUMBERED = /^(?:[a-z0-9-]+\/)?v?\d+(?:[.\d]*)$/;

function lineIn(ref: string, { run, releaseLines, service, scheme }: VersionWish): Line {
  return lineOf({
    ref,
    pullRequest: run?.pullRequest ?? false,
    fork: run?.fork ?? false,
    releaseLines,
    isVersionTag: (name) => (scheme === 'calendar' ? NUMBERED.test(name) : isVersionTag(name, service)),
  });
}

function versionIn(
  history: SourceHistory,
  line: Line,
  { scheme, service, first }: VersionWish,
): Pick<SourceVersion, 'version' | 'semver'> {
  if (scheme === 'calendar') return { version: calendarVersion(history, line), semver: '' };
  const semver = semanticVersion(history, line, { service, first });
  return { version: tagFormOf(semver), semver };
}

async function historyOf(git: Git, { scheme, paths }: VersionWish): Promise<SourceHistory> {
  const [commits, tags, touching] = await Promise.all([
    git.commits(scheme === 'calendar' ? 'first-parents' : 'all'),
    scheme === 'calendar' ? [] : git.tags(),
    paths.length === 0 ? undefined : git.touching(paths),
  ]);
  const [head] = commits;
  if (head === undefined) throw new VersionError('checkout-unreadable', 'the repository has no commit yet');
  return { head, commits, tags, ...(touching === undefined ? {} : { touching }) };
}

interface Trouble extends Problem {
  readonly code: ErrorCode;
}

const SHOWN = 5;

function ofCheckout({ dirty, shallow }: Checkout): readonly Trouble[] {
  const more = dirty.length > SHOWN ? ` and ${dirty.length - SHOWN} more` : '';
  const changed: readonly Trouble[] = [
    {
      ...{ code: 'checkout-dirty', where: 'working tree' },
      message: `not as it is committed: ${dirty.slice(0, SHOWN).join(', ')}${more}`,
      remedy: 'ask before the build writes files, commit what is meant, or add what is built to .gitignore',
    },
  ];
  const cut: readonly Trouble[] = [
    {
      ...{ code: 'checkout-shallow', where: 'history' },
      message: 'the clone is shallow: what came before is not there to be counted',
      remedy:
        'fetch all of it: Azure Pipelines "- checkout: self" with "fetchDepth: 0" (and "fetchTags: true"), GitHub actions/checkout with "fetch-depth: 0", by hand "git fetch --unshallow --tags"',
    },
  ];
  return [...(dirty.length === 0 ? [] : changed), ...(shallow ? cut : [])];
}

function ofLine(line: Line | undefined, { commit }: Checkout, { release, run }: VersionWish): readonly Trouble[] {
  if (line === undefined) {
    const other =
      run?.ref === undefined ? '' : `; the run speaks of ${run.ref} at ${run.commit}, which is not checked out`;
    return [
      {
        ...{ code: 'branch-unknown', where: 'branch' },
        message: `${commit} is checked out, on no branch${other}`,
        remedy: 'name the branch with --branch (a pipeline states it: BUILD_SOURCEBRANCH, GITHUB_REF)',
      },
    ];
  }
  if (!release) return [];
  const about = { code: 'version-not-releasable', where: line.name } as const;
  const refused: Trouble = {
    ...about,
    message: `nothing is released from it: ${line.because ?? ''}`,
    remedy: 'build it on a branch that releases come from (--release-branch names them), or leave --release out',
  };
  const open: Trouble = {
    ...about,
    message: 'no rule protects it: whoever may push could release whatever they like',
    remedy: 'protect the branch, or the tags of versions, in the settings of the repository',
  };
  return [...(line.because === undefined ? [] : [refused]), ...(run?.isProtected === false ? [open] : [])];
}

function asError(troubles: readonly Trouble[]): VersionError {
  const [first] = troubles;
  const problems = troubles.map(({ where, message, remedy }) => ({
    ...{ where, message },
    ...(remedy === undefined ? {} : { remedy }),
  }));
  return new VersionError(first?.code ?? 'internal', problems.map(({ message }) => message).join('; '), { problems });
}
