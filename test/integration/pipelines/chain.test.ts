/** The chain of pipelines/ with its own scripts: real cosign, the registries, Temporal and workers of the local stack. BuildKit builds the image where it can run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { ClientProgram } from '../../clients/program.ts';
import { trivy } from '../../unit/policy/proofs/reports.ts';
import { commandsIn } from '../../support/agent.ts';
import { Probe } from '../acr-emulator/probe.ts';
import { skipWithoutBuildKit, startBuildKit } from './buildkit.ts';

const missing = (['temporal', 'cosign'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const pathOfSteps = `${join(ROOT, 'pipelines/scripts')}:${join(ROOT, 'bin')}:${process.env['PATH']}`;
const withoutBuildKit = skipWithoutBuildKit();
const SPDX = {
  ...{
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'iam',
    documentNamespace: 'https://example.test/iam',
  },
  packages: [{ name: 'openssl', SPDXID: 'SPDXRef-openssl' }],
};

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('the chain of a pipeline', { skip, timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-chain-'));
  const source = join(dir, 'source');
  let stack: Stack;
  let cosign: ClientProgram;
  let image = '';
  let commit = '';
  // simulated clusters answer for the images of the examples alone
  const pods = createServer((_, response) => response.end('well'));

  before(async () => {
    stack = await startStack({ dir: join(dir, 'stack'), ports: 'free', cluster: 'simulated', workers: [] });
    const probe = new Probe(stack.emulator, '');
    cosign = new ClientProgram('cosign', probe, { COSIGN_PASSWORD: 'only for this test' });
    await cosign.output('generate-key-pair');
    cosign.loginAs('build', 'onestreamdev');
    await new Promise<void>((resolve) => pods.listen(0, '127.0.0.1', resolve));
    askForProofs();
    await stack.workers.nonproduction.start();
    await git('init', '--quiet', '--initial-branch', 'main', source);
    writeFileSync(join(source, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    await git('-C', source, 'add', '--all');
    await git('-C', source, ...WHO, 'commit', '--quiet', '--message', 'feat: one');
    commit = (await git('-C', source, 'rev-parse', 'HEAD')).out.trim();
    const registry = probe.loginServer('onestreamdev');
    image = withoutBuildKit === false ? await built(registry) : await ofTheExamples(registry);
  });
  after(async () => {
    cosign.remove();
    await stack.stop();
    pods.close();
    rmSync(dir, { recursive: true });
  });

  const WHO = ['-c', 'user.name=test', '-c', 'user.email=test@example.test'];
  const git = (...args: readonly string[]): Promise<Ended> => run('git', args, { PATH: process.env['PATH'] ?? '' });

  /** By the steps of the template: what the guard tells of the commit goes into the build. */
  async function built(registry: string): Promise<string> {
    const buildkit = await startBuildKit(join(dir, 'buildkit'), [registry], stack.emulator.caFile);
    try {
      const { variables } = commandsIn((await well('guard.sh', '--service', 'iam', '--source', source)).out, 'azure');
      const args = ['--image', `${registry}/iam`, '--tag', variables['containerTag'] ?? '', '--context', source];
      const { code, err } = await step(
        'build.sh',
        [...args, '--epoch', variables['sourceDateEpoch'] ?? '', '--out', join(dir, 'digest')],
        { BUILDKIT_HOST: buildkit.address, PATH: `${buildkit.bin}:${pathOfSteps}` },
      );
      assert.equal(code, 0, err);
      return commandsIn(err, 'azure').variables['image'] ?? assert.fail(err);
    } finally {
      await buildkit.stop();
    }
  }

  async function ofTheExamples(registry: string): Promise<string> {
    const { image: pushed } = await stack.push('unsigned');
    return `${registry}/iam@${pushed.digest}`;
  }

  /** What dev asks for: everything that the chain makes. */
  function askForProofs(): void {
    const file = parse(readFileSync(stack.configFile, 'utf8'));
    file.trust.signers = { builder: [{ key: join(cosign.home, 'cosign.pub') }] };
    file.services.iam.health.urls.dev = `http://127.0.0.1:${(pods.address() as AddressInfo).port}/health`;
    file.environments.dev.proofs = {
      signatures: { all: ['builder'] },
      manifests: { all: ['builder'] },
      provenance: {
        ...{ by: ['builder'], builders: ['https://dev.azure.com/onestream/platform/_build?definitionId=7'] },
        ...{ sources: ['https://dev.azure.com/onestream/platform/_git/iam'], branches: ['main'], commit: 'required' },
      },
      sbom: { by: ['builder'] },
      vulnerabilities: { by: ['builder'], noOlderThan: '1d', most: { critical: 0 } },
    };
    writeFileSync(stack.configFile, stringify(file));
  }

  /** A script as a step of Azure Pipelines runs it; `more` are variables on top. */
  function step(script: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const env = {
      ...stack.env('pipeline', 'pipeline'),
      PATH: pathOfSteps,
      ...{ DOCKER_CONFIG: join(cosign.home, 'docker'), SSL_CERT_FILE: stack.emulator.caFile, HOME: cosign.home },
      ...{ COSIGN: toolPath('cosign') ?? '', COSIGN_PASSWORD: 'only for this test' },
      ...{ TF_BUILD: 'True', BUILD_REASON: 'IndividualCI', AGENT_TEMPDIRECTORY: dir, BUILD_BUILDID: '12' },
      ...{ SYSTEM_COLLECTIONURI: 'https://dev.azure.com/onestream/', SYSTEM_TEAMPROJECT: 'platform' },
      ...{ SYSTEM_DEFINITIONID: '7', BUILD_SOURCEBRANCH: 'refs/heads/main', BUILD_SOURCEVERSION: commit },
      BUILD_REPOSITORY_URI: 'https://onestream@dev.azure.com/onestream/platform/_git/iam',
      ...more,
    };
    return run(script, args, env);
  }

  async function well(script: string, ...args: readonly string[]): Promise<Ended> {
    const ended = await step(script, args);
    assert.equal(ended.code, 0, `${script}: ${ended.err}${ended.out}`);
    return ended;
  }

  const guard = (more: Readonly<Record<string, string>> = {}, from = source): Promise<Ended> =>
    step('guard.sh', ['--service', 'iam', '--source', from], more);

  const release = (version: string, ...more: readonly string[]): Promise<Ended> =>
    step('release.sh', [
      ...['--service', 'iam', '--version', version, '--image', image, '--config', stack.configFile],
      ...['--wait-for', 'dev', '--timeout', '4m', ...more],
    ]);

  test('refuses a fork, a pull request, a branch that is not released from and a shallow clone before anything is pushed', async () => {
    const shallow = join(dir, 'shallow');
    await git('-C', source, ...WHO, 'commit', '--quiet', '--allow-empty', '--message', 'feat: two');
    await git('clone', '--quiet', '--depth', '1', `file://${source}`, shallow);
    await git('-C', source, 'reset', '--quiet', '--hard', commit);
    const refused = [
      [await guard({ SYSTEM_PULLREQUEST_ISFORK: 'True' }), 3, /pull request from a fork is not released/],
      [await guard({ BUILD_REASON: 'PullRequest' }), 3, /pull request is not released/],
      [await guard({ BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }), 3, /feature\/x/],
      [await guard({}, shallow), 2, /fetchDepth: 0/],
    ] as const;
    for (const [{ code, out, err }, expected, words] of refused) {
      assert.equal(code, expected, out + err);
      assert.match(err + out, words);
    }
  });

  test('is refused by Sluice where the steps that sign were left out', async () => {
    const { code, out, err } = await release('2026.1.1-unsigned');
    assert.equal(code, 3, out + err);
    const { variables } = commandsIn(out, 'azure');
    assert.equal(variables['verdict'], 'refused', out + err);
    assert.match(variables['reason'] ?? '', /sign/, out + err);
  });

  test('signs, attests, publishes manifests, arrives in dev, and is one release however often it runs', async () => {
    const { variables } = commandsIn((await guard()).out, 'azure');
    assert.equal(variables['commit'], commit);
    const version = variables['version'] ?? '';
    const file = (name: string): string => join(dir, name);
    const key = join(cosign.home, 'cosign.key');
    const signing = ['--image', image, '--key', key];
    const attest = (type: string, name: string) =>
      well('attest.sh', ...signing, '--type', type, '--predicate', file(name));
    await well('provenance.sh', '--commit', commit, '--out', file('provenance.json'));
    writeFileSync(file('sbom.json'), JSON.stringify(SPDX));
    writeFileSync(file('vulnerabilities.json'), JSON.stringify(trivy(new Date().toISOString())));
    await attest('slsaprovenance1', 'provenance.json');
    await attest('spdxjson', 'sbom.json');
    await attest('vuln', 'vulnerabilities.json');
    await well('sign.sh', ...signing);
    const packing = ['--service', 'iam', '--version', version, ...signing, '--config', stack.configFile];
    const manifests = (await well('manifests.sh', ...packing)).out.trim().split('\n').at(-1) ?? '';
    assert.match(manifests, /^sha256:[0-9a-f]{64}$/);
    const runs = [await release(version, '--manifests', manifests), await release(version, '--manifests', manifests)];
    for (const { code, out, err } of runs) {
      assert.equal(code, 0, out + err);
      const told = commandsIn(out, 'azure').variables;
      assert.deepEqual(
        [told['verdict'], told['environment'], told['image'], told['manifests']],
        ['reached', 'dev', image.replace(/^[^/]*\//, ''), manifests],
      );
    }
    assert.match(runs[1]?.err ?? '', /attached to it|with the same content; nothing was started/);
  });
});

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const file = program.endsWith('.sh') ? join(ROOT, 'pipelines/scripts', program) : program;
  return new Promise((resolve) => {
    execFile(file, [...args], { env, timeout: 280_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
  });
}
