/** A checkout as its own program tells it: by argument lists, never through a shell, and with no setting of a person that changes an answer. */
import { type ExecFileException, execFile } from 'node:child_process';
import type { SourceCommit, SourceTag } from './history.ts';
import { VersionError } from './version-error.ts';

export interface Checkout {
  readonly commit: string;
  /** The branch that is checked out; undefined: none is ("detached HEAD"), as pipelines leave it. */
  readonly branch?: string;
  readonly shallow: boolean;
  /** What is not as it is committed, relative to the root of the repository. */
  readonly dirty: readonly string[];
}

export interface GitOptions {
  /** Path of the program; undefined: this machine has none. */
  readonly program: string | undefined;
  /** Somewhere in the checkout. */
  readonly folder: string;
  /** What it needs to find its settings. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Git {
  checkout(): Promise<Checkout>;
  /** HEAD and all before it, or its first parents alone; newest first, at most {@link MOST_COMMITS}. */
  commits(which: 'all' | 'first-parents'): Promise<readonly SourceCommit[]>;
  /** Those that can be reached from HEAD, by the commit that they mean. */
  tags(): Promise<readonly SourceTag[]>;
  /** Commits, of all before HEAD, that change something below one of the paths; merges of the branch's line by what they bring to it. Throws `input-invalid` for one that is not there. */
  touching(paths: readonly string[]): Promise<ReadonlySet<string>>;
}

const MOST_COMMITS = 200_000;
const TIMEOUT_MS = 120_000;
const MOST_OUTPUT = 512 * 1024 * 1024;

/** Throws `git-failing`, `checkout-unreadable`. */
export async function openGit({ program, folder, env }: GitOptions): Promise<Git> {
  if (program === undefined) {
    const remedy = 'install git where this runs, or put it on PATH';
    throw new VersionError('git-failing', 'there is no program "git" here', { remedy });
  }
  const ask = (args: readonly string[], cwd: string): Promise<string> => run(program, args, cwd, env);
  const root = (await ask(['rev-parse', '--show-toplevel'], folder)).replace(/\r?\n$/, '');
  const git = (...args: readonly string[]): Promise<string> => ask(args, root);
  return {
    checkout: () => readCheckout(git),
    commits: (which) => readCommits(git, which),
    tags: () => readTags(git),
    touching: (paths) => readTouching(git, paths),
  };
}

type Asked = (...args: readonly string[]) => Promise<string>;

async function readCheckout(git: Asked): Promise<Checkout> {
  const commit = (await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}').catch(noCommit)).trim();
  const [branch, shallow, status] = await Promise.all([
    git('symbolic-ref', '--quiet', 'HEAD').catch(detached),
    git('rev-parse', '--is-shallow-repository'),
    git('status', '--porcelain=v1', '-z', '--untracked-files=normal', '--ignore-submodules=none', '--no-renames'),
  ]);
  const name = branch.trim().replace(/^refs\/heads\//, '');
  return {
    commit,
    ...(name === '' ? {} : { branch: name }),
    shallow: shallow.trim() !== 'false',
    dirty: status.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(3)])),
  };
}

const FORMAT = ['%H', '%P', '%ct', '%B'].join('%x1f');

async function readCommits(git: Asked, which: 'all' | 'first-parents'): Promise<readonly SourceCommit[]> {
  const line = which === 'first-parents' ? ['--first-parent'] : [];
  const limit = `--max-count=${MOST_COMMITS + 1}`;
  const text = await git('log', '-z', '--topo-order', '--no-color', limit, `--format=${FORMAT}`, ...line, 'HEAD', '--');
  const commits = text.split('\0').flatMap((entry) => {
    const [commit = '', parents = '', at = '', message = ''] = entry.split('\x1f');
    if (commit === '') return [];
    return [{ commit, parents: parents.split(' ').filter((one) => one !== ''), at: Number(at), message }];
  });
  if (commits.length <= MOST_COMMITS) return commits;
  throw new VersionError('checkout-unreadable', 'the history is longer than anybody should count', {
    expected: `at most ${MOST_COMMITS} commits`,
    remedy: 'ask for a calendar version, which looks at the line of the branch alone',
  });
}

async function readTags(git: Asked): Promise<readonly SourceTag[]> {
  const format = ['%(refname)', '%(objecttype)', '%(objectname)', '%(*objecttype)', '%(*objectname)'].join('%00');
  const text = await git('for-each-ref', '--merged=HEAD', `--format=${format}`, 'refs/tags');
  return text.split('\n').flatMap((entry) => {
    const [name = '', type, object = '', meantType, meant = ''] = entry.split('\0');
    const commit = type === 'commit' ? object : meantType === 'commit' ? meant : undefined;
    return commit === undefined ? [] : [{ name: name.replace(/^refs\/tags\//, ''), commit }];
  });
}

async function readTouching(git: Asked, paths: readonly string[]): Promise<ReadonlySet<string>> {
  for (const path of paths) {
    const there = await git('ls-tree', '-z', '--name-only', 'HEAD', '--', path);
    if (there !== '') continue;
    throw new VersionError('input-invalid', `the commit has no "${path}"`, {
      expected: 'a folder or file, from the root of the repository',
      got: path,
      remedy: 'correct --path',
    });
  }
  // a merge differs from one of its sides nearly always: what it brings is seen from the line of the branch
  const log = (...which: readonly string[]): Promise<string> =>
    git('log', '-z', '--no-color', '--format=%H', ...which, 'HEAD', '--', ...paths);
  const all = await Promise.all([log('--full-history', '--no-merges'), log('--first-parent')]);
  return new Set(all.flatMap((text) => text.split('\0')).filter((one) => one !== ''));
}

/** Nothing that a person's or the repository's settings say about how things are shown, and no program that they name. */
const SETTINGS = [
  'core.fsmonitor=false',
  'log.showSignature=false',
  'log.follow=false',
  'log.mailmap=false',
  'core.quotePath=false',
];

function run(program: string, args: readonly string[], cwd: string, env: GitOptions['env']): Promise<string> {
  const settings = SETTINGS.flatMap((one) => ['-c', one]);
  const all = ['--no-pager', '--no-replace-objects', '--literal-pathspecs', ...settings, ...args];
  const options = { cwd, timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT, encoding: 'utf8' } as const;
  const own = { ...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((resolve, reject) => {
    execFile(program, all, { ...options, env: own }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(asVersionError(error, args, cwd, stderr));
    });
  });
}

function asVersionError(
  cause: ExecFileException,
  args: readonly string[],
  folder: string,
  stderr: string,
): VersionError {
  if (cause.code === 'ENOENT')
    return new VersionError('checkout-unreadable', `there is no folder ${folder}`, {
      cause,
      remedy: 'correct --repository',
    });
  if (/not a git repository/i.test(stderr)) {
    const remedy = 'run it in the checkout, or name that with --repository';
    return new VersionError('checkout-unreadable', `${folder} is no checkout of a git repository`, { cause, remedy });
  }
  if (/dubious ownership/i.test(stderr)) {
    const remedy = `the checkout belongs to another user: "git config --global --add safe.directory ${folder}"`;
    return new VersionError('checkout-unreadable', `git does not trust ${folder}`, { cause, remedy });
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const message = `git ${args[0] ?? ''} failed${said === '' ? '' : `: ${said.slice(0, 300)}`}`;
  return new VersionError('git-failing', message, { cause, remedy: `run "git ${args.join(' ')}" there and look` });
}

function noCommit(error: unknown): never {
  if (!(error instanceof VersionError) || error.code !== 'git-failing') throw error;
  const remedy = 'commit first: a version names a commit';
  throw new VersionError('checkout-unreadable', 'the repository has no commit yet', { cause: error, remedy });
}

function detached(error: unknown): string {
  // it says no without a word
  if (error instanceof VersionError && error.message === 'git symbolic-ref failed') return '';
  throw error;
}
