/** The guards of the templates, as they stand there, with what each service says of a run in its variables: before anybody signs in. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsIn } from '../../support/agent.ts';
import { type Node, nodesIn, SCRIPTS, templatesIn } from '../../unit/pipelines/templates.ts';

const BIN = fileURLToPath(new URL('../../../bin', import.meta.url));

type Variables = Readonly<Record<string, string>>;

interface Guard {
  readonly where: string;
  readonly script: string;
  /** Names that the step maps, and what for. */
  readonly env: Variables;
}

/** Every step that calls the guard. What it maps from parameters is written `${{ … }}`. */
function guardsIn(folder: string): readonly Guard[] {
  return templatesIn(folder).flatMap(({ path, content }) =>
    [...nodesIn(content)].flatMap((node) => {
      const script = node['bash'] ?? node['run'];
      if (typeof script !== 'string' || !/^\s*guard\.sh /m.test(script)) return [];
      return [{ where: path, script, env: { ...jobEnv(content), ...((node['env'] ?? {}) as Variables) } }];
    }),
  );
}

/** What the job around maps for all of its steps. */
function jobEnv(content: Node): Variables {
  const jobs = Object.values((content['jobs'] ?? {}) as Record<string, Node>);
  return Object.assign({}, ...(Array.isArray(content['jobs']) ? [] : jobs.map((job) => job['env'] ?? {}))) as Variables;
}

interface Ended {
  readonly code: number;
  readonly said: string;
}

describe('the guard of a template', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-guard-'));
  const source = join(dir, 'source');
  let commit = '';
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.test', ...args], {
      ...{ cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      env: { PATH: process.env['PATH'] ?? '', HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim();
  before(() => {
    git('init', '--quiet', '--initial-branch', 'main', source);
    git('-C', source, 'commit', '--quiet', '--allow-empty', '--message', 'feat: one');
    git('-C', source, 'commit', '--quiet', '--allow-empty', '--message', 'feat: two');
    commit = git('-C', source, 'rev-parse', 'HEAD');
  });
  after(() => rmSync(dir, { recursive: true }));

  /** Runs the step's own body in a workspace. `given`: what is written into the template's parameters. */
  function run({ script, env }: Guard, event: Variables, given: Variables = {}, workspace = dir): Promise<Ended> {
    const defaults: Variables = { SERVICE: 'iam', SCHEME: 'calendar' };
    const mapped = Object.fromEntries(Object.keys(env).map((name) => [name, given[name] ?? defaults[name] ?? '']));
    const own = { PATH: `${SCRIPTS}:${BIN}:${process.env['PATH']}`, HOME: dir, BUILD_SOURCESDIRECTORY: workspace };
    const options = { cwd: workspace, env: { ...own, ...mapped, ...event }, timeout: 120_000 };
    return new Promise((resolve) => {
      execFile('bash', ['-e', '-c', script], options, (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, said: out + err });
      });
    });
  }

  const azure = (more: Variables = {}): Variables => ({
    ...{ TF_BUILD: 'True', BUILD_REASON: 'IndividualCI', BUILD_SOURCEBRANCH: 'refs/heads/main' },
    ...{ BUILD_SOURCEVERSION: commit, AGENT_TEMPDIRECTORY: dir },
    ...more,
  });
  const github = (more: Variables = {}): Variables => ({
    ...{ GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: commit },
    ...{ GITHUB_REF_PROTECTED: 'true', GITHUB_OUTPUT: join(dir, 'output'), RUNNER_TEMP: dir },
    ...more,
  });

  /** What is refused, of which service, with the exit code and the words. */
  const refused = (): Readonly<
    Record<'azure-pipelines' | 'github', readonly (readonly [Variables, number, RegExp])[]>
  > => ({
    'azure-pipelines': [
      [azure({ SYSTEM_PULLREQUEST_ISFORK: 'True', BUILD_REASON: 'PullRequest' }), 3, /pull request from a fork/],
      [azure({ BUILD_REASON: 'PullRequest', BUILD_SOURCEBRANCH: 'refs/pull/7/merge' }), 3, /pull request is not/],
      [azure({ BUILD_REASON: 'Manual', BUILD_SOURCEBRANCH: 'refs/pull/7/merge' }), 3, /pull request/],
      [azure({ BUILD_REASON: 'Manual', BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }), 3, /feature\/x/],
      [azure({ BUILD_SOURCEBRANCH: 'refs/tags/nightly' }), 3, /nightly/],
    ],
    github: [
      [github({ GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' }), 3, /pull request is not/],
      // runs in the base branch with its secrets, for work that may be anybody's
      [github({ GITHUB_EVENT_NAME: 'pull_request_target' }), 3, /pull request is not/],
      [github({ GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_REF: 'refs/heads/feature/x' }), 3, /feature\/x/],
      [github({ GITHUB_REF_PROTECTED: 'false' }), 3, /no rule protects it/],
      [github({ GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-abc' }), 3, /gh-readonly-queue/],
    ],
  });

  for (const folder of ['azure-pipelines', 'github'] as const) {
    const guards = guardsIn(folder);

    test(`lets the branch through that releases come from, and tells its version: ${folder}`, async () => {
      assert.equal(guards.length, folder === 'github' ? 3 : 1);
      for (const guard of guards) {
        writeFileSync(join(dir, 'output'), '');
        const { code, said } = await run(guard, folder === 'github' ? github() : azure());
        assert.equal(code, 0, `${guard.where}: ${said}`);
        const told = folder === 'github' ? readFileSync(join(dir, 'output'), 'utf8') : said;
        assert.ok(told.includes(commit), told);
      }
    });

    test(`refuses forks, pull requests, and branches that nothing is released from or that no rule protects: ${folder}`, async () => {
      for (const guard of guards) {
        for (const [event, expected, words] of refused()[folder]) {
          const { code, said } = await run(guard, event);
          assert.equal(code, expected, `${guard.where} ${JSON.stringify(event)}: ${said}`);
          assert.match(said, words);
          assert.deepEqual(commandsIn(said, folder === 'github' ? 'github' : 'azure').variables, {});
        }
      }
    });

    test(`takes the branches of a team that releases from others, wherever it asks for them: ${folder}`, async () => {
      for (const guard of guards) {
        const event =
          folder === 'github'
            ? github({ GITHUB_REF: 'refs/heads/trunk' })
            : azure({ BUILD_SOURCEBRANCH: 'refs/heads/trunk' });
        assert.equal((await run(guard, event)).code, 3, guard.where);
        const { code, said } = await run(guard, event, { RELEASE_BRANCH: 'trunk' });
        assert.equal(code, 0, `${guard.where}: ${said}`);
      }
    });

    test(`refuses a clone without its history, and a tree that is not as it was committed: ${folder}`, async () => {
      const event = folder === 'github' ? github() : azure();
      const shallow = mkdtempSync(join(dir, 'shallow-'));
      git('clone', '--quiet', '--depth', '1', `file://${source}`, join(shallow, 'source'));
      const dirty = mkdtempSync(join(dir, 'dirty-'));
      git('clone', '--quiet', source, join(dirty, 'source'));
      writeFileSync(join(dirty, 'source', 'left-behind.txt'), 'x');
      for (const guard of guards) {
        const cut = await run(guard, event, {}, shallow);
        assert.equal(cut.code, 2, cut.said);
        assert.match(cut.said, /fetchDepth: 0/);
        const changed = await run(guard, event, {}, dirty);
        assert.equal(changed.code, 2, changed.said);
        assert.match(changed.said, /left-behind\.txt/);
      }
    });
  }
});
