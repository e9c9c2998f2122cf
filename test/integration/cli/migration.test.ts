/** A service on its way from legacy to Sluice, and back, on the local stack: gates are asked of a real engine, holds are really in force. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Example } from '../../../examples/images.ts';
import type { CommandResult } from '../../../local/stack/sluice-command.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import type { MigrationStatus } from '../../../src/cli/migrating/status.ts';
import type { ShownError } from '../../../src/cli/render/error.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

const MIGRATION = `version: 1 # ours
gates:
  adopted:
    - comparisons: { equal: 2, within: 14d, environments: [staging] }
    - adopted: { environments: [dev, staging] }
  managed:
    - rehearsal: { within: 30d, environments: [staging] }
    - unrestrained: {}
    - signOff: { by: [grace] }
  done:
    - releases: { last: 1, environments: [dev] }
waves:
  - name: pilot
services:
  iam:
    owner: identity team
    wave: pilot
    state: legacy # it runs in production
    backToLegacy:
      - Enable the old pipeline.
      - Run it.
`;

/** As kubectl has recorded it. */
const recorded = (digest: string): string =>
  JSON.stringify({
    kind: 'List',
    items: [
      {
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'iam', namespace: 'iam-staging' } },
        spec: { replicas: 2, template: { spec: { containers: [{ name: 'iam', image: `iam@${digest}` }] } } },
      },
    ],
  });

describe('a service that goes over', { skip, timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-migration-'));
  const file = join(dir, 'migration.yaml');
  let stack: Stack;
  let v1: Example;
  let v2: Example;
  const sluice = (...args: readonly string[]): Promise<CommandResult> => stack.sluice(args, { user: 'margaret' });
  const fine = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await sluice(...args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const refused = async (...args: readonly string[]): Promise<readonly string[]> => {
    const before = readFileSync(file, 'utf8');
    const { code, stdout, stderr } = await sluice('migration', 'advance', 'iam', '--json', ...args);
    assert.equal(code, 3, stdout + stderr);
    assert.equal(readFileSync(file, 'utf8'), before, 'nothing is written');
    const { error } = JSON.parse(stderr) as { readonly error: ShownError };
    assert.equal(error.code, 'migration-not-ready');
    return error.problems.map(({ where, message }) => `${where}: ${message}`);
  };
  const status = async (): Promise<{ readonly code: number; readonly said: MigrationStatus }> => {
    const { code, stdout, stderr } = await sluice('migration', 'status', '--json');
    assert.notEqual(stdout, '', stderr);
    return { code, said: JSON.parse(stdout) as MigrationStatus };
  };
  const stateNow = async (): Promise<string | undefined> => (await status()).said.waves[0]?.services[0]?.state;
  const compare = async (name: string, legacy: string): Promise<void> => {
    const lists = { legacy: join(dir, `${name}-legacy.json`), sluice: join(dir, `${name}-sluice.json`) };
    writeFileSync(lists.legacy, recorded(legacy));
    writeFileSync(lists.sluice, recorded(v1.image.digest));
    const args = ['--environment', 'staging', '--legacy', lists.legacy, '--sluice', lists.sluice, '--json'];
    const { stdout } = await sluice('compare', 'iam', ...args);
    const folder = join(dir, 'migration', 'comparisons', 'staging');
    mkdirSync(folder, { recursive: true });
    const now = new Date().toISOString().replaceAll(':', '-');
    writeFileSync(join(folder, `${now}.json`), stdout);
  };
  before(async () => {
    stack = await startStack({ dir, ports: 'free', cluster: 'simulated' });
    [v1, v2] = await Promise.all([stack.push('v1'), stack.push('v2')]);
    writeFileSync(file, MIGRATION);
  });
  after(async () => {
    await stack?.stop();
    rmSync(dir, { recursive: true });
  });

  test('a dry run says what would change, and changes nothing', async () => {
    const said = await fine('migration', 'advance', 'iam', '--dry-run');
    assert.match(said, /iam: legacy → comparing \(legacy deploys\)/);
    assert.match(said, /^\+ {4}state: comparing # it runs in production$/m);
    assert.equal(readFileSync(file, 'utf8'), MIGRATION);
  });

  test('begins to compare when its wave is open, and everything else in the file stays', async () => {
    await fine('migration', 'advance', '--wave', 'pilot', '--reason', 'week 4');
    const text = readFileSync(file, 'utf8');
    const entry = /\n {4}history:\n {6}- \{ at: \S+, by: "margaret", from: legacy, to: comparing, reason: "week 4" \}/;
    assert.match(text, entry);
    assert.equal(text.replace(entry, '').replace('state: comparing', 'state: legacy'), MIGRATION);
  });

  test('is kept where it is by everything that is not met, told at once', async () => {
    assert.deepEqual(await refused(), [
      'iam → adopted: comparisons: staging: 0 of 2 comparisons in a row were equal in the last 14 days',
      'iam → adopted: adopted: dev: Sluice has nothing on record that runs there',
      'iam → adopted: adopted: staging: Sluice has nothing on record that runs there',
    ]);
  });

  test('is adopted when a release is on record, and comparisons were equal in a row', async () => {
    await fine('start', 'iam', v1.version, '--until', 'staging', '--wait');
    for (const digest of [v1.image.digest, v2.image.digest, v1.image.digest]) {
      await compare(`c${Date.now()}`, digest);
    }
    const [only, ...others] = await refused();
    assert.match(only ?? '', /staging: 1 of 2 comparisons in a row were equal .*; before them "different"/);
    assert.deepEqual(others, []);
    await compare('last', v1.image.digest);
    await fine('migration', 'advance', 'iam');
    assert.equal(await stateNow(), 'adopted');
  });

  test('is managed when the way back was rehearsed, somebody has signed, and nothing holds it', async () => {
    await fine('hold', 'set', 'iam', '--environment', 'staging', '--reason', 'INC-1');
    assert.deepEqual(await refused(), [
      'iam → managed: rehearsal: staging: the way back was never gone for real',
      'iam → managed: unrestrained: staging: margaret holds iam: INC-1',
      'iam → managed: sign-off: none of grace has signed off "managed"',
    ]);
    await fine('hold', 'lift', 'iam', '--environment', 'staging');
    const at = new Date().toISOString();
    mkdirSync(join(dir, 'migration', 'rehearsals'));
    const rehearsal = { service: 'iam', environment: 'staging', at, ok: true };
    writeFileSync(join(dir, 'migration', 'rehearsals', 'one.json'), JSON.stringify(rehearsal));
    const signed = `    signOffs: [{ for: managed, by: grace, at: "${at}" }]\n    backToLegacy:`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('    backToLegacy:', signed));
    assert.match(await fine('migration', 'advance', 'iam'), /iam: adopted → managed \(Sluice deploys\)/);
  });

  test('is not done while nothing was released since Sluice deploys it', async () => {
    const [only] = await refused();
    assert.match(only ?? '', /releases: dev: 0 of 1 releases in a row by Sluice arrived/);
    await fine('start', 'iam', v2.version, '--until', 'dev', '--wait');
    const said = await fine('migration', 'advance', 'iam', '--dry-run');
    assert.match(said, /iam: managed → done/);
  });

  test('that has gone back is held in each of its environments, and its owner told what to do', async () => {
    const dry = await fine('migration', 'revert', 'iam', '--reason', 'INC-4711', '--dry-run');
    assert.match(dry, /would hold iam in production: back to legacy: INC-4711/);
    assert.equal(await stateNow(), 'managed');
    const said = await fine('migration', 'revert', 'iam', '--reason', 'INC-4711');
    for (const name of ['dev', 'staging', 'production'])
      assert.match(said, new RegExp(`margaret set a hold on iam in ${name}`));
    assert.match(said, new RegExp(`dev: ${v2.version} ${v2.image.digest}`));
    assert.match(said, new RegExp(`staging: ${v1.version} ${v1.image.digest}`));
    assert.match(said, /production: nothing/);
    assert.match(said, /now, identity team:\n {2}1\. Enable the old pipeline\.\n {2}2\. Run it\./);
    assert.equal(await stateNow(), 'reverted');
  });

  test('and could be deployed over by Sluice is broken, until it is said again', async () => {
    assert.equal((await status()).code, 0);
    await fine('hold', 'lift', 'iam', '--environment', 'staging');
    const { code, said } = await status();
    assert.equal(code, 10);
    assert.match(said.waves[0]?.services[0]?.broken[0]?.why ?? '', /staging: no hold keeps Sluice from deploying/);
    assert.match(await fine('migration', 'revert', 'iam', '--reason', 'INC-4711'), /says so already/);
    assert.equal((await status()).code, 0);
  });

  test('keeps a release waiting; it goes in only when somebody says so with the next advance', async () => {
    const again = ['start', 'iam', '2026.12.1', '--image', `iam@${v1.image.digest}`, '--until', 'dev'] as const;
    await fine(...again);
    const waiting = async (): Promise<string> => fine('list', '--environment', 'dev', '--waiting', '--json');
    while (!(await waiting()).includes('2026.12.1')) await delay(200);
    const [only] = await refused();
    assert.match(only ?? '', /iam → comparing: hold: dev: 2026\.12\.1 waits, and would go in over what legacy has/);
    const said = await fine('migration', 'advance', 'iam', '--let-waiting-in');
    assert.match(said, /margaret lifted the hold on iam in production/);
    assert.match(await fine(...again, '--wait'), /released/);
    assert.equal(await stateNow(), 'comparing');
  });

  test('begins anew after it went back: what was equal before does not count', async () => {
    const [first] = await refused();
    assert.match(first ?? '', /staging: 0 of 2 comparisons/);
  });

  test('does not go back half: where nobody can hold it, the file stays as it is', async () => {
    await Promise.all(Object.values(stack.workers).map((one) => one.stop()));
    const before = readFileSync(file, 'utf8');
    const { code, stdout, stderr } = await sluice('migration', 'revert', 'iam', '--reason', 'INC-4712');
    assert.deepEqual([code, stdout], [8, ''], stderr);
    assert.match(stderr, /worker-missing: 3 problems/);
    assert.match(stderr, /The file is as it was\. Mend that, then say the same again\./);
    assert.equal(readFileSync(file, 'utf8'), before);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.includes('migration.yaml')),
      ['migration.yaml'],
    );
  });
});
