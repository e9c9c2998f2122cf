import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import type { ReleaseClient } from '../../../src/client/index.ts';
import { IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Ran, runSluice } from './run-sluice.ts';

interface Said {
  readonly environment: string;
  readonly message?: string;
  readonly enforced?: boolean;
  readonly nothingToLift?: string;
  readonly error?: { readonly code: string };
}

const FOR = '--reason errors --for 2h';

describe('when stops, holds and overrides are said on the command line', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let folder = '';
  const sluice = (args: string, user = 'grace'): Promise<Ran> => run(args, user, folder);
  const run = (args: string, user: string, cwd: string): Promise<Ran> =>
    runSluice(args.split(' '), {
      cwd,
      env: {
        AZURE_SUBSCRIPTION_ID: 'sub',
        TEMPORAL_ADDRESS: engine.address,
        TEMPORAL_NAMESPACE: engine.namespace,
        SLUICE_USER: user,
      },
    });
  const restraintsOf = async (environment: string): Promise<readonly string[]> =>
    (await client.environment(environment)).restraints.map(({ kind, service }) => `${kind} ${service ?? 'all'}`);

  before(async () => {
    engine = await startEngine();
    client = await engine.client('pipeline');
    folder = mkdtempSync(join(tmpdir(), 'sluice-restraints-'));
    writeFileSync(join(folder, 'sluice.yaml'), GOOD.replace('keys/cosign.pub', 'cosign.pub'));
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  test('nobody is told anything where an environment or a service is misspelt', async () => {
    const environment = await sluice(`stop ${FOR} --environment dev prodution`);
    assert.match(environment.err, /there is no environment "prodution" \(did you mean "production"\?\)/);
    assert.deepEqual([environment.exit, await restraintsOf('dev')], [2, []]);
    const service = await sluice('hold set iamm --environment dev --reason errors');
    assert.match(service.err, /there is no service "iamm" \(did you mean "iam"\?\)/);
    assert.deepEqual([service.exit, await restraintsOf('dev')], [2, []]);
  });

  test('nothing is shown, and nothing brought back, where an environment or a service is misspelt', async () => {
    const environment = /environment-unknown: there is no environment "prodution" \(did you mean "production"\?\)/;
    const service = /service-unknown: there is no service "iamm" \(did you mean "iam"\?\)/;
    for (const [args, says] of [
      ['environment dev prodution', environment],
      ['list --environment prodution', environment],
      ['list --service iamm', service],
      ['board iamm', service],
      ['rollback iam --environment prodution --reason errors', environment],
      ['rollback iamm --environment production --reason errors', service],
      ['rollback iam 1.0.0 --environment prodution', environment],
      ['approve iam 1.0.0 --environment prodution', environment],
      ['override iam 1.0.0 --environment prodution --gate office --reason errors', environment],
      ['abort iam 1.0.0 --environment prodution', environment],
      ['resume iamm 1.0.0', service],
    ] as const) {
      const ran = await sluice(args);
      assert.match(ran.err, says);
      assert.deepEqual([ran.exit, ran.out], [2, ''], args);
    }
    const elsewhere = await run('list --service iamm', 'grace', tmpdir());
    assert.deepEqual([elsewhere.exit, elsewhere.out], [0, 'no release\n'], elsewhere.err);
  });

  test('a stop without an environment stops every one of sluice.yaml, and a thaw lifts them all', async () => {
    const stopped = await sluice(`stop ${FOR} --incident INC-4711`);
    assert.equal(stopped.exit, 0, stopped.err);
    assert.match(stopped.out, /grace set a stop on every service in dev until .*told 0 under way/);
    assert.match(stopped.out, /grace set a stop on every service in production/);
    assert.deepEqual([await restraintsOf('dev'), await restraintsOf('production')], [['stop all'], ['stop all']]);
    const thawed = await sluice('thaw --json');
    const said = JSON.parse(thawed.out) as readonly Said[];
    assert.deepEqual(
      said.map(({ environment, enforced }) => [environment, enforced]),
      [
        ['dev', true],
        ['production', true],
      ],
    );
    assert.deepEqual([await restraintsOf('dev'), await restraintsOf('production')], [[], []]);
  });

  test('a stop that takes the place of another one says so', async () => {
    assert.equal((await sluice(`stop --environment dev ${FOR} --incident INC-1`)).exit, 0);
    const { out } = await sluice('stop --environment dev --reason later --for 10m');
    assert.match(out, /grace set a stop on .* until .*, instead of grace's stop for incident INC-1 until .*; told 0/);
    assert.equal((await sluice('thaw')).exit, 0);
  });

  test('a thaw of every environment lifts what there is, and one that has no such stop is no mistake', async () => {
    assert.equal((await sluice(`stop --environment production ${FOR}`)).exit, 0);
    const { exit, out, err } = await sluice('thaw');
    assert.equal(exit, 0, err);
    assert.match(out, /^there is no stop on every service in dev/m);
    assert.match(out, /^grace lifted the stop on every service in production/m);
    assert.deepEqual(await restraintsOf('production'), []);
    const again = await sluice('thaw --json');
    assert.equal(again.exit, 0);
    assert.deepEqual(
      (JSON.parse(again.out) as readonly Said[]).map(({ environment, nothingToLift }) => [
        environment,
        nothingToLift !== undefined,
      ]),
      [
        ['dev', true],
        ['production', true],
      ],
    );
  });

  test('a thaw of environments that are named is refused when none of them has such a stop', async () => {
    assert.equal((await sluice(`stop --environment production ${FOR}`)).exit, 0);
    const none = await sluice('thaw --environment dev');
    assert.equal(none.exit, 3);
    assert.match(none.err, /command-not-possible: there is no stop on every service in dev; in force: nothing/);
    const one = await sluice('thaw --environment dev production --json');
    assert.equal(one.exit, 0);
    assert.deepEqual(await restraintsOf('production'), []);
    const both = await sluice('thaw --environment dev production');
    assert.equal(both.exit, 3);
  });

  test('without a sluice.yaml names are taken as they come: one that cannot be told keeps none of the others from it, and makes the exit code', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'sluice-elsewhere-'));
    const sluice = (args: string): Promise<Ran> => run(args, 'grace', elsewhere);
    const stopped = await sluice(`stop --environment Dev production ${FOR}`);
    assert.equal(stopped.exit, 2);
    assert.match(stopped.out, /set a stop on every service in production/);
    assert.match(stopped.err, /environment-unknown: "Dev"/);
    const thawed = await sluice('thaw --environment Dev production --json');
    assert.equal(thawed.exit, 2);
    const [first, second] = JSON.parse(thawed.out) as readonly Said[];
    assert.deepEqual([first?.environment, first?.error?.code], ['Dev', 'environment-unknown']);
    assert.equal(second?.enforced, true);
    assert.equal((JSON.parse(thawed.err) as Said).error?.code, 'environment-unknown');
    assert.deepEqual(await restraintsOf('production'), []);
    rmSync(elsewhere, { recursive: true });
  });

  test('a hold keeps one service, stands on the page of the environment, and is lifted once', async () => {
    const set = await sluice('hold set iam --environment production --reason sessions');
    assert.equal(set.exit, 0, set.err);
    assert.match(set.out, /grace set a hold on iam in production until somebody lifts it/);
    assert.match((await sluice('environment production')).out, /hold: grace holds iam: sessions, until it is lifted/);
    const lifted = await sluice('hold lift iam --environment production --json', 'ada');
    assert.equal(lifted.exit, 0);
    assert.equal((JSON.parse(lifted.out) as readonly Said[])[0]?.message, 'ada lifted the hold on iam in production');
    assert.equal((await sluice('hold lift iam --environment production')).exit, 3);
  });

  test('an override lets one release pass the gate that it names, and one without a reason is no command', async () => {
    const checkGates = async ({ overrides = [] }: StepRequest) => {
      const verdict = { gate: 'office', kind: 'hours', reason: 'it is Sunday', override: ['managers'] } as const;
      if (overrides.some((one) => one.overrides?.includes('office')))
        return { ok: true, answer: 'yes', verdicts: [{ ...verdict, answer: 'yes' }] } as const;
      return { ok: true, answer: 'wait', verdicts: [{ ...verdict, answer: 'wait' }] } as const;
    };
    engine.act(scriptedActivities({ checkGates }, { gates: ['production'] }).activities);
    const image = `${IMAGE.repository}@${IMAGE.digest}`;
    await client.startRelease({ service: 'iam', version: '1.0.0', image, manifests: MANIFESTS });
    for await (const event of client.watch({ service: 'iam', version: '1.0.0' })) if (event.kind === 'waiting') break;
    assert.match((await sluice('status iam 1.0.0')).out, /sluice override iam 1\.0\.0 .*--gate office/);
    assert.equal((await sluice('override iam 1.0.0 --gate office')).exit, 2);
    const given = await sluice('override iam 1.0.0 --gate office --reason INC-4711');
    assert.equal(given.exit, 0, given.err);
    assert.match(given.out, /grace lets it pass office/);
    assert.equal((await sluice('watch iam 1.0.0')).exit, 0);
  });
});
