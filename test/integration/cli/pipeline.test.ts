/** The command line as a pipeline uses it: what its agent reads, what its later steps get, and which exit code decides about the job. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ReleaseClient } from '../../../src/client/index.ts';
import { no } from '../../support/answers.ts';
import { APPROVAL, IMAGE, MANIFESTS, type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { commandsIn } from '../../support/agent.ts';
import { type Ran, type RunOptions, runSluice } from './run-sluice.ts';

const HOSTILE = 'no ##vso[task.setvariable variable=PATH]x\n::set-output name=a::b ##[error]c | `d` <img src=x>';

describe('when a pipeline waits for a release', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let folder = '';
  const azure = (args: string, options: RunOptions = {}): Promise<Ran> =>
    sluice(args, { ...options, env: { TF_BUILD: 'True', AGENT_TEMPDIRECTORY: folder, ...options.env } });
  const github = (args: string, options: RunOptions = {}): Promise<Ran> =>
    sluice(args, {
      ...options,
      env: { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: at('outputs'), GITHUB_STEP_SUMMARY: at('steps.md') },
    });
  const sluice = (args: string, options: RunOptions = {}): Promise<Ran> =>
    runSluice(args.split(' '), {
      ...options,
      env: {
        ...{ TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, SLUICE_USER: 'pipeline' },
        ...options.env,
      },
    });
  const at = (name: string): string => join(folder, name);
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  const start = (version: string): Promise<unknown> =>
    client.startRelease({ service: 'iam', version, image: `iam@${IMAGE.digest}`, manifests: MANIFESTS });
  const untilItWaits = async (version: string): Promise<void> => {
    for await (const event of client.watch({ service: 'iam', version })) if (event.kind === 'waiting') return;
  };
  const act = (script: Script = {}, approvals = {}): void =>
    engine.act(scriptedActivities(script, { approvals }).activities);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-pipeline-'));
    engine = await startEngine();
    client = await engine.client('pipeline');
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  test('Azure gets folded steps, output variables and the summary of the run, and the job succeeds', async () => {
    act();
    await start('1.0.0');
    const { exit, out, err } = await azure('watch iam 1.0.0');
    assert.equal(exit, 0, err);
    const { groups, variables, summaries, issues } = commandsIn(out, 'azure');
    assert.deepEqual(groups, ['dev', 'staging', 'production']);
    assert.deepEqual(issues, []);
    assert.deepEqual(variables, {
      ...{ verdict: 'released', outcome: 'released', service: 'iam', version: '1.0.0', environment: 'production' },
      ...{ digest: IMAGE.digest, image: `iam@${IMAGE.digest}`, manifests: MANIFESTS, waitingFor: '' },
      ...{ releaseId: 'release/iam/1.0.0', reason: variables['reason'] },
    });
    assert.match(out, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ staging done record: /m);
    assert.equal(summaries.length, 1);
    const summary = readFileSync(summaries[0] ?? '', 'utf8');
    assert.match(summary, /^## iam 1\.0\.0: released\n/);
    assert.match(summary, /\| production \| released: /);
    assert.match(summary, /`sluice evidence export iam 1\.0\.0`/);
    assert.ok(!out.includes('\u001b'), 'no colours and no cursor for an agent');
  });

  test('GitHub gets the same in its own words', async () => {
    const { exit, out } = await github('watch iam 1.0.0');
    assert.equal(exit, 0);
    assert.deepEqual(commandsIn(out, 'github').groups, ['dev', 'staging', 'production']);
    const lines = read('outputs').trim().split('\n');
    assert.ok(lines.includes('verdict=released'), lines.join('\n'));
    assert.ok(lines.includes(`digest=${IMAGE.digest}`));
    assert.match(read('steps.md'), /^## iam 1\.0\.0: released\n/);
  });

  test('a refusal fails the job, says why where the run is shown, and nothing in the reason orders the agent about', async () => {
    act({ verifySignatures: async () => no('signature-missing', HOSTILE) });
    await start('1.1.0');
    for (const [service, ran] of [
      ['azure', await azure('watch iam 1.1.0 --summary refused.md', { cwd: folder })],
      ['github', await github('watch iam 1.1.0')],
    ] as const) {
      assert.equal(ran.exit, 3, ran.err);
      const { issues, others } = commandsIn(ran.out + ran.err, service);
      assert.deepEqual(
        issues.map(({ level }) => level),
        ['error'],
      );
      assert.match(issues[0]?.message ?? '', /no #·#vso\[task\.setvariable/);
      assert.deepEqual(others, [], 'an order from elsewhere');
    }
    const summary = read('refused.md');
    assert.match(summary, /^## iam 1\.1\.0: refused\n/);
    assert.ok(!/<img|\n::set-output/.test(summary), summary);
    assert.match(summary, /`signature-missing`/);
  });

  test('JSON for programs orders no agent about either, and is the same value', async () => {
    const { out } = await azure('status iam 1.1.0 --json');
    assert.deepEqual(commandsIn(out, 'azure').others, []);
    const plain = await sluice('status iam 1.1.0 --json');
    assert.deepEqual(JSON.parse(out), JSON.parse(plain.out));
    assert.ok(plain.out.includes('##vso['), 'the reason is what it was');
  });

  test('a job that may not run so long ends by itself, says what is waited for, and the next one gets the verdict', async () => {
    act({}, { production: APPROVAL });
    await start('1.2.0');
    await untilItWaits('1.2.0');
    const late = await azure('watch iam 1.2.0 --timeout 500ms');
    assert.equal(late.exit, 7);
    const { variables, issues } = commandsIn(late.out, 'azure');
    assert.deepEqual(
      [variables['verdict'], variables['outcome'], variables['environment']],
      ['waiting', '', 'staging'],
    );
    assert.match(variables['waitingFor'] ?? '', /release-managers/);
    assert.deepEqual(
      issues.map(({ level }) => level),
      ['warning'],
    );
    const quiet = await azure('watch iam 1.2.0 --timeout 500ms --waiting-ok --summary waits.md', { cwd: folder });
    assert.equal(quiet.exit, 0, quiet.err);
    assert.match(quiet.out, /^##vso\[task\.complete result=SucceededWithIssues;\]iam 1\.2\.0 goes on$/m);
    assert.match(read('waits.md'), /`sluice approve iam 1\.2\.0 .*`[^]*`sluice watch iam 1\.2\.0`/);
    await client.approve({ approver: 'anna', service: 'iam', version: '1.2.0' });
    const again = await azure('watch iam 1.2.0');
    assert.deepEqual([again.exit, commandsIn(again.out, 'azure').variables['verdict']], [0, 'released']);
  });

  test('it is enough that it has arrived where the pipeline wants it; the rest goes on', async () => {
    act({}, { production: APPROVAL });
    await start('1.3.0');
    const { exit, out } = await azure('watch iam 1.3.0 --wait-for staging');
    assert.equal(exit, 0);
    const { variables } = commandsIn(out, 'azure');
    assert.deepEqual([variables['verdict'], variables['environment']], ['reached', 'staging']);
    assert.match(out, /Z staging promotion: released/);
    const nowhere = await azure('watch iam 1.3.0 --wait-for stagin');
    assert.equal(nowhere.exit, 2);
    assert.match(nowhere.err, /environment-unknown.*did you mean "staging"/);
    assert.match(commandsIn(nowhere.err, 'azure').issues[0]?.message ?? '', /does not pass "stagin"/);
    await client.abort({ service: 'iam', version: '1.3.0', reason: 'over' });
    const ended = await azure('watch iam 1.3.0 --wait-for staging');
    assert.deepEqual([ended.exit, commandsIn(ended.out, 'azure').variables['verdict']], [0, 'reached']);
    assert.equal((await azure('watch iam 1.3.0 --wait-for production')).exit, 5);
  });

  test('a cancelled job leaves the release alone, unless it was told to abort it', async () => {
    act({}, { production: APPROVAL });
    await start('1.4.0');
    const cancelled = { interruptAt: /waiting: /, interruptBy: 'SIGTERM' } as const;
    const left = await azure('watch iam 1.4.0', cancelled);
    assert.equal(left.exit, 130);
    assert.match(left.err, /iam 1\.4\.0 goes on/);
    assert.equal(commandsIn(left.out, 'azure').variables['verdict'], 'interrupted');
    assert.equal((await client.status({ service: 'iam', version: '1.4.0' })).release.outcome, undefined);
    assert.equal((await azure('watch iam 1.4.0 --abort-on-cancel', cancelled)).exit, 130);
    assert.equal((await client.wait({ service: 'iam', version: '1.4.0' })).outcome.kind, 'aborted');
  });

  test('a sign of life comes while nothing happens, with what is waited for', async () => {
    act({}, { production: APPROVAL });
    await start('1.5.0');
    const { out } = await sluice('watch iam 1.5.0 --ci plain --heartbeat 100ms', { interruptAt: /still waiting/ });
    assert.match(out, /^\S+Z still waiting: .*release-managers/m);
    assert.ok(!/^(##|::)/m.test(out), 'plain means plain');
  });

  test('what needs attention is annotated with what to do', async () => {
    act({ rollOut: async () => Promise.reject(new Error('nobody knows why')) });
    await start('1.6.0');
    const { out } = await github('watch iam 1.6.0', { interruptAt: /::warning title=dev needs attention/ });
    assert.match(commandsIn(out, 'github').issues[0]?.message ?? '', /needs attention: .*nobody knows why/);
    await client.abort({ service: 'iam', version: '1.6.0', reason: 'over' });
  });

  test('a wrong call is found before anything is done, and annotated', async () => {
    const { exit, err } = await azure('start iam 1.0.0 --summary x.md --wait-for dev');
    assert.equal(exit, 2);
    assert.match(err, /--summary, --wait-for: only with --wait/);
    assert.equal(commandsIn(err, 'azure').issues[0]?.level, 'error');
    const nowhere = await azure('watch iam 1.0.0 --summary /no/such/folder/x.md');
    assert.deepEqual([nowhere.exit, /cannot be written/.test(nowhere.err)], [2, true]);
  });

  test('a roll-back is waited for in the same way', async () => {
    act();
    const args = 'rollback iam --environment production --reason errors --wait --summary back.md';
    const { exit, out, err } = await azure(args, { cwd: folder });
    assert.equal(exit, 0, err);
    const { variables, others } = commandsIn(out, 'azure');
    assert.deepEqual(
      [variables['verdict'], variables['version'], variables['environment'], variables['releaseId'], others],
      ['released', '0.9.0', 'production', 'rollback/iam/production', []],
    );
    assert.match(read('back.md'), /^## roll-back of iam in production: released\n/);
    assert.equal((await azure(args.replace(' --wait', ''))).exit, 2);
  });
});
