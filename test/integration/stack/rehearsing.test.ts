/** The way back of a service that runs on the local stack, rehearsed from the command line: over HTTP, with real signatures and records. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ExampleName } from '../../../examples/images.ts';
import { runningDigests } from '../../../local/demo/facts.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import type { EnvironmentView, RehearsalView } from '../../../src/client/index.ts';
import type { Audit } from '../../../src/client/audit.ts';
import type { Metrics } from '../../../src/client/metrics.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('when the way back is rehearsed on the local stack', { skip, timeout: 600_000 }, () => {
  let stack: Stack;
  const dir = mkdtempSync(join(tmpdir(), 'sluice-rehearsing-'));
  const versions: string[] = [];
  const sluice = (args: string) => stack.sluice(args.split(' '), { user: 'grace', host: 'person' });
  const environment = async (): Promise<EnvironmentView | undefined> =>
    (JSON.parse((await sluice('environment dev --json')).stdout) as EnvironmentView[])[0];

  async function release(name: ExampleName): Promise<void> {
    const { version } = await stack.push(name);
    const ended = await stack.sluice(['start', 'iam', version, '--until', 'dev', '--wait'], { user: 'pipeline' });
    assert.equal(ended.code, 0, ended.stderr + ended.stdout);
    versions.push(version);
  }

  before(async () => {
    stack = await startStack({ dir, ports: 'free', cluster: 'simulated' });
    await release('v1');
  });
  after(async () => {
    await stack?.stop();
    rmSync(dir, { recursive: true });
  });

  test('with nothing that ran before, looking says so', async () => {
    const { code, stdout } = await sluice('rehearse rollback iam --environment dev');
    assert.equal(code, 3, stdout);
    assert.match(stdout, /✗ known good +nothing else ran well in dev/);
    assert.match(stdout, /nothing was changed/);
  });

  test('with two versions looking finds the way open, and changes nothing', async () => {
    await release('v2');
    const before = await runningDigests(stack, 'dev');
    const { code, stdout } = await sluice('rehearse rollback iam --environment dev --json');
    assert.equal(code, 0, stdout);
    const view = JSON.parse(stdout) as RehearsalView;
    assert.deepEqual(
      [view.kind, view.ok, view.from?.version, view.to?.version],
      ['rollback-check', true, versions[1], versions[0]],
    );
    for (const check of [
      'known good',
      'running',
      'in the way',
      `image ${versions[0]}`,
      `signatures ${versions[0]}`,
      `manifests ${versions[0]}`,
    ])
      assert.ok(
        view.checks.some((one) => one.check === check && one.ok),
        check,
      );
    assert.deepEqual(await runningDigests(stack, 'dev'), before);
    assert.deepEqual((await environment())?.restraints, []);
  });

  test('for real it goes back and forward, says how long each took, and leaves everything as it was', async () => {
    const before = await runningDigests(stack, 'dev');
    const out = join(dir, 'iam-dev.json');
    const { code, stdout, stderr } = await stack.sluice(
      [
        'rehearse',
        'rollback',
        'iam',
        '--environment',
        'dev',
        '--for-real',
        '--yes',
        '--reason',
        'before wave 2',
        '--out',
        out,
      ],
      { user: 'grace', host: 'person' },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`back +to ${versions[0]}: proven to run [\\d.]+ s after the asking`));
    assert.match(stdout, new RegExp(`forward +to ${versions[1]}: proven to run [\\d.]+ s after the asking`));
    const report = JSON.parse(readFileSync(out, 'utf8')) as RehearsalView;
    assert.deepEqual(
      [report.kind, report.service, report.environment, report.ok],
      ['rollback-rehearsal', 'iam', 'dev', true],
    );
    assert.ok((report.backMs ?? 0) > 0 && (report.forwardMs ?? 0) > 0, JSON.stringify(report));
    assert.ok(Date.parse(report.at) > Date.parse(report.back?.askedAt ?? ''), report.at);
    assert.deepEqual(await runningDigests(stack, 'dev'), before);
    const here = await environment();
    assert.deepEqual([here?.running['iam']?.version, here?.restraints], [versions[1], []]);
  });

  test('it is no failed change, and the audit says what it was', async () => {
    const metrics = JSON.parse((await sluice('metrics --environment dev --json')).stdout) as Metrics;
    const figures = metrics.periods[0]?.services[0]?.figures ?? [];
    const value = (name: string) => figures.find((one) => one.name === name)?.value;
    assert.deepEqual([value('change-failure-rate'), value('time-to-restore')], [0, undefined]);
    const { entries } = JSON.parse((await sluice('audit --environment dev --json')).stdout) as Audit;
    assert.ok(entries.some(({ what, who, why }) => what === 'rehearse' && who === 'grace' && why === 'before wave 2'));
  });

  test('where the path ends it asks for more than a yes, and nothing is begun', async () => {
    const out = join(dir, 'never.json');
    const { code, stderr } = await stack.sluice(
      [
        'rehearse',
        'rollback',
        'iam',
        '--environment',
        'production',
        '--for-real',
        '--yes',
        '--reason',
        'why not',
        '--out',
        out,
      ],
      { user: 'grace', host: 'person' },
    );
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--even-production/);
    assert.equal(existsSync(out), false);
  });

  test('what cannot be meant is told before anything is done', async () => {
    for (const [args, says] of [
      ['--for-real', /--for-real needs --reason/],
      ['--reason words', /--reason is of a rehearsal --for-real/],
      ['--finish --to 1.0.0', /leave out --to/],
      ['--for-real --reason words', /--yes/],
      [`--out ${join(dir, 'no', 'such.json')}`, /cannot be written/],
    ] as const) {
      const { code, stderr } = await sluice(`rehearse rollback iam --environment dev ${args}`);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
    const nothing = await sluice('rehearse rollback iam --environment dev --finish');
    assert.equal(nothing.code, 3, nothing.stderr);
  });
});
