/** `sluice version` on real repositories, as pipelines check them out. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openGit } from '../../../src/versions/git.ts';
import type { SourceVersion } from '../../../src/versions/version.ts';
import { commandsIn } from '../../support/agent.ts';
import { type Ran, runSluice } from '../cli/run-sluice.ts';

/** As bad as git lets a branch be called. */
const HOSTILE = 'feat/$(touch-x)`;id`&"\'##vso]set-output-é';
/** As bad as somebody may state one. */
const STATED = 'refs/heads/feat/##vso[task.setvariable variable=PATH]x\n::set-output name=a::b';

const ADA = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

describe('when a version is asked of a checkout', () => {
  let home = '';
  let repository = '';
  let count = 0;

  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...args], {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim();

  function commit(message: string, moment: string, path = 'src/iam/a.txt'): string {
    mkdirSync(join(repository, path, '..'), { recursive: true });
    writeFileSync(join(repository, path), message);
    git('add', '-A');
    execFileSync('git', [...ADA, 'commit', '-q', '-m', message], {
      cwd: repository,
      env: {
        ...{ PATH: process.env['PATH'] ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
        ...{ GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z', GIT_COMMITTER_DATE: moment },
      },
    });
    return git('rev-parse', 'HEAD');
  }

  const version = (args: string, env: Readonly<Record<string, string>> = {}, cwd = repository): Promise<Ran> =>
    runSluice(['version', ...args.split(' ').filter((one) => one !== '')], { cwd, env: { HOME: home, ...env } });

  async function json(
    args: string,
    env: Readonly<Record<string, string>> = {},
    cwd = repository,
  ): Promise<SourceVersion> {
    const { exit, out, err } = await version(`${args} --json`, env, cwd);
    assert.equal(exit, 0, err);
    return JSON.parse(out) as SourceVersion;
  }

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'sluice-version-'));
  });
  after(() => rmSync(home, { recursive: true }));
  beforeEach(() => {
    repository = join(home, `repository-${(count += 1)}`);
    mkdirSync(repository);
    git('init', '-q', '-b', 'main');
    commit('chore: begin', '2026-11-02T10:00:00Z');
  });

  test('the same commit has the same version in another clone, in another zone, and after others were made', async () => {
    commit('feat: a', '2026-11-30T23:30:00-05:00');
    const wanted = git('rev-parse', 'HEAD');
    git('tag', 'v1.0.0', 'HEAD~1');
    const first = await Promise.all(['calendar', 'semantic'].map((scheme) => json(`iam --scheme ${scheme}`)));
    assert.deepEqual(
      first.map((one) => one.version),
      [`2026.12.1-${wanted.slice(0, 12)}`, `1.1.0_${wanted.slice(0, 12)}`],
    );
    commit('fix: later', '2026-12-05T00:00:00Z');
    const clone = join(home, `clone-${count}`);
    git('clone', '-q', '.', clone);
    git('-C', clone, 'checkout', '-q', wanted);
    const env = {
      TZ: 'Pacific/Auckland',
      TF_BUILD: 'True',
      BUILD_SOURCEBRANCH: 'refs/heads/main',
      BUILD_SOURCEVERSION: wanted,
    };
    const again = await Promise.all(
      ['calendar', 'semantic'].map((scheme) => json(`iam --scheme ${scheme} --output plain`, env, clone)),
    );
    assert.deepEqual(again, first);
    assert.equal(first[0]?.sourceDateEpoch, Date.parse('2026-12-01T04:30:00Z') / 1_000);
  });

  test('it is printed alone, so that a shell can catch it', async () => {
    const { out, err } = await version('');
    assert.deepEqual([out, err], [`2026.11.1-${git('rev-parse', 'HEAD').slice(0, 12)}\n`, '']);
  });

  test('a hostile branch makes a harmless version, in a shell as well as for an agent', async () => {
    git('checkout', '-q', '-b', HOSTILE);
    for (const scheme of ['calendar', 'semantic']) {
      const { exit, out, err } = await version(`--scheme ${scheme} --first 0.1.0`, { TF_BUILD: 'True' });
      assert.equal(exit, 0, err);
      const { variables, others } = commandsIn(out, 'azure');
      assert.match(variables['version'] ?? '', /^[0-9.]+-feat-touch-x-id-vso-set-output[-.][0-9a-f._]+$/);
      assert.deepEqual(
        [others, variables['prerelease'], variables['containerTag']],
        [[], 'true', variables['version']],
      );
      assert.ok(variables['branch']?.startsWith('feat/$(touch-x)'));
    }
    const stated = await version('', { TF_BUILD: 'True', BUILD_SOURCEBRANCH: STATED });
    assert.deepEqual(commandsIn(stated.out, 'azure').others, []);
    const file = join(home, 'hostile-outputs');
    await version('', { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: file, GITHUB_REF: STATED });
    assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 10, 'a line of output for each variable');
  });

  test('GitHub reads the variables from its file', async () => {
    const file = join(home, 'outputs');
    await version('', {
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: file,
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_EVENT_NAME: 'pull_request',
    });
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.ok(
      lines.some((line) => /^version=2026\.11\.1-pr-7-[0-9a-f]{12}$/.test(line)),
      lines.join('\n'),
    );
    assert.ok(lines.includes('prerelease=true') && lines.includes(`commit=${git('rev-parse', 'HEAD')}`));
  });

  test('everything that is wrong with the checkout is said at once, with the setting that corrects it', async () => {
    commit('fix: b', '2026-11-03T10:00:00Z');
    const clone = join(home, `shallow-${count}`);
    git('clone', '-q', '--depth', '1', pathToFileURL(repository).href, clone);
    git('-C', clone, 'checkout', '-q', '--detach');
    writeFileSync(join(clone, 'built.o'), '');
    const { exit, err } = await version('', {}, clone);
    assert.equal(exit, 2);
    assert.match(err, /checkout-dirty: 3 problems/);
    assert.match(err, /built\.o/);
    assert.match(err, /"fetchDepth: 0".*"fetch-depth: 0"/);
    assert.match(err, /on no branch[^]*--branch/);
    const fork = { GITHUB_ACTIONS: 'true', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: '0'.repeat(40) };
    assert.match(
      (await version('', fork, clone)).err,
      /the run speaks of refs\/heads\/main at 0+, which is not checked out/,
    );
  });

  test('no repository, no commit, no git and a path that is not there are told apart', async () => {
    const nothing = mkdtempSync(join(tmpdir(), 'sluice-nothing-'));
    try {
      assert.match((await version('', {}, nothing)).err, /checkout-unreadable: .*is no checkout of a git repository/);
      execFileSync('git', ['init', '-q'], { cwd: nothing, stdio: 'ignore' });
      assert.match((await version('', {}, nothing)).err, /checkout-unreadable: the repository has no commit yet/);
      const unknown = await version('--path src/iam --path src/iamm');
      assert.deepEqual([unknown.exit, /the commit has no "src\/iamm"/.test(unknown.err)], [2, true]);
      const options = { program: undefined, folder: repository, env: {} };
      await assert.rejects(openGit(options), { code: 'git-failing' });
    } finally {
      rmSync(nothing, { recursive: true });
    }
  });

  test('what may be released is a branch that releases come from, or a version tag, and never a pull request', async () => {
    assert.equal((await version('--release')).exit, 0);
    const head = git('rev-parse', 'HEAD');
    const azure = { TF_BUILD: 'True', BUILD_SOURCEVERSION: head };
    const cases = [
      ['--release', { ...azure, BUILD_SOURCEBRANCH: 'refs/heads/release/1.2' }, 0],
      ['--release', { ...azure, BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }, 3],
      ['--release --release-branch feature/*', { ...azure, BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }, 0],
      ['--release', { ...azure, BUILD_SOURCEBRANCH: 'refs/pull/7/merge' }, 3],
      ['--release --branch main', { ...azure, BUILD_REASON: 'PullRequest' }, 3],
      ['--release --branch main', { ...azure, SYSTEM_PULLREQUEST_ISFORK: 'True' }, 3],
      [
        '--release',
        {
          GITHUB_ACTIONS: 'true',
          GITHUB_SHA: head,
          GITHUB_REF: 'refs/heads/main',
          GITHUB_EVENT_NAME: 'pull_request_target',
        },
        3,
      ],
      [
        '--release',
        { GITHUB_ACTIONS: 'true', GITHUB_SHA: head, GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_OUTPUT: join(home, 'o') },
        0,
      ],
      [
        '--release',
        { GITHUB_ACTIONS: 'true', GITHUB_SHA: head, GITHUB_REF: 'refs/heads/main', GITHUB_REF_PROTECTED: 'false' },
        3,
      ],
      ['--release', { ...azure, BUILD_SOURCEBRANCH: 'refs/tags/nightly' }, 3],
      ['--release', { ...azure, BUILD_SOURCEBRANCH: 'refs/tags/2026.11' }, 0],
    ] as const;
    for (const [args, env, expected] of cases) {
      const { exit, err } = await version(args, env);
      assert.equal(exit, expected, `${args} ${JSON.stringify(env)}\n${err}`);
      if (exit === 3) assert.match(err, /version-not-releasable/);
    }
  });

  test('only what changes below the paths of a service moves its numbers', async () => {
    git(...ADA, 'tag', '-a', '-m', 'x', 'iam/v1.4.0');
    const other = commit('feat: b', '2026-11-04T10:00:00Z', 'src/billing/b.txt');
    const still = await json('iam --scheme semantic --path src/iam');
    assert.deepEqual([still.version, still.changed], [`1.4.0_${other.slice(0, 12)}`, false]);
    const own = commit('fix: c', '2026-11-05T10:00:00Z');
    const moved = await json('iam --scheme semantic --path src/iam');
    assert.deepEqual(
      [moved.version, moved.semver, moved.changed],
      [`1.4.1_${own.slice(0, 12)}`, `1.4.1+${own.slice(0, 12)}`, true],
    );
    git('tag', 'iam/v1.5.0');
    assert.equal((await json('iam --scheme semantic')).version, '1.5.0');
  });

  test('a merge counts for a service by what it brings to the line of the branch, not by what its other side lacked', async () => {
    git('tag', 'iam/v1.4.0');
    git('checkout', '-q', '-b', 'billing');
    commit('feat: b', '2026-11-04T10:00:00Z', 'src/billing/b.txt');
    git('checkout', '-q', '-b', 'login', 'main');
    commit('feat: l', '2026-11-04T11:00:00Z', 'src/iam/l.txt');
    git('checkout', '-q', 'main');
    commit('fix: c', '2026-11-05T10:00:00Z');
    const merge = async (branch: string): Promise<readonly [string, boolean]> => {
      git(...ADA, 'merge', '-q', '--no-ff', '-m', `Merge ${branch}`, branch);
      const { semver, changed } = await json('iam --scheme semantic --path src/iam');
      return [semver.split('+')[0] ?? '', changed];
    };
    assert.deepEqual(await merge('billing'), ['1.4.1', false]);
    assert.deepEqual(await merge('login'), ['1.5.0', true]);
  });
});
